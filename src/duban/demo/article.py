"""The bulletin of August 2021, written in our own words, in which every number is a question to the ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from duban.demo.rows import SHANGHAI, ArticleRow, PhotoRow, TextRow

CREDIT: Final = "区融媒体中心（演示）"

ZH: Final = """\
盛夏的新安江畔，塔吊从清早转到日落，车间里的机床昼夜不歇，田里的人赶着节气。翻开屯溪区2021年8月的账本，计划写在左边，进展记在右边，哪些走在了时间前面，哪些还要加一把劲，一目了然。

{{ photo 1 }}

## 经济：走在全市前列

今年以来，屯溪区在常态化疫情防控中稳住经济的基本盘。地区生产总值位列全市{{ figure "rank.gdp" style="ordinal" }}，社会消费品零售总额位列全市{{ figure "rank.retail" style="ordinal" }}，旅游总收入位列全市{{ figure "rank.tourism" style="ordinal" }}；高新技术产业增加值位列全市{{ figure "rank.hightech" style="ordinal" }}，属地固定资产投资增幅同样位列全市{{ figure "rank.investment" style="ordinal" }}。时间过半、任务过半的目标如期实现，民生工程资金到六月底已完成年度计划的{{ figure "livelihood.completion" as_of="2021-06-30" decimals=2 }}。

排名靠前，靠的是结构在变。老工业的底子上长出新产线，数字化车间把检测搬到机床边上；旅游不再只是门票，老街的夜色、江边的步道和乡间的民宿，共同撑起消费的回暖。

## 招商：向东看，向链上找

屯溪离杭州很近。高铁把两座城连在一起，招商也顺着“融杭接沪”的方向走：围着产业链找企业，请商协会牵线，让基金带项目，也让已经落户的投资者介绍新的伙伴。生态好、交通便、文化厚，是谈判桌上常被提起的几张牌。

上半年，全区引进市外投资项目{{ figure "deals.count" as_of="2021-06-30" }}，其中来自长三角地区的有{{ figure "deals.yangtze" as_of="2021-06-30" }}。{{ undertaking "deal-amino" }}、{{ undertaking "deal-5g-live" }}等一批项目签约落地，前者约定的年产能为{{ figure "capacity.amino" }}。签约只是起点，每个项目从签字到开工、从开工到投产，都在同一本账上留下日期。

## 项目：盯住没动的，帮扶走慢的

{{ photo 2 }}

重点项目按“四督四保”的要求逐月过堂。截至八月底，已有{{ figure "key.started" }}重点项目开工；到了日子还没动工的有{{ figure "key.not_started" }}，投资落在时序后面的有{{ figure "key.behind" }}，名单和原因都摆在桌面上。擂台比武比的是实绩：谁的项目快，谁来讲经验；谁的项目慢，就一起找堵点。

产业兴区的路越走越宽。{{ undertaking "key-double-park" }}续建提速，低效用地腾出来给新项目，工业“标准地”让企业拿地就能开工。链条上缺什么补什么，短在哪里延到哪里；技改有支持，创新有平台，服务到门口。

## 城乡：一江两岸换新颜

{{ photo 3 }}

{{ undertaking "key-jiangnan" }}正在推进，{{ undertaking "key-parking" }}和{{ undertaking "key-lamps" }}让停车不再绕圈、夜路更亮也更省电。{{ undertaking "key-nanbin" }}基本建成，傍晚的江边又多了散步的人。{{ undertaking "key-old-estates" }}已经进场，楼道、管网和适老设施一并更新。

棚改攻坚啃下硬骨头，{{ figure "plots.cleared" }}地块完成清零。2020年度的{{ figure "villages.count" }}美丽乡村，平均进度达到{{ figure "villages.progress" }}。文明创建从主街走进背巷，油烟、扬尘、秸秆焚烧和污水直排的整治常抓不松。

蓝天碧水是屯溪的家底。中央环保督察转办的信访件共{{ figure "petitions.central.count" }}，已完成整改{{ figure "petitions.central.done" }}；省环保督察转办的信访件共{{ figure "petitions.provincial.count" }}，已完成整改{{ figure "petitions.provincial.done" }}，没有办结的逐件挂号、限期销号。

{{ photo 4 }}

## 民生：把钱花在看得见的地方

这一年的民生账，写得最细。{{ figure "livelihood.count" }}民生工程到八月底完成投资{{ figure "livelihood.invested" unit="亿元" decimals=2 }}，占年度计划的{{ figure "livelihood.completion" decimals=2 }}，快于时序；其中也有亮灯的：黄灯{{ figure "livelihood.amber" }}、红灯{{ figure "livelihood.red" }}，要在年底前补上。

集团化办学的改革迈出步子，{{ figure "education.groups" }}教育集团挂牌，好学校带着新学校一起走。疫苗接种一针一针往前推，累计完成{{ figure "vaccine.doses" unit="万针次" }}。建党百年之际，中心城区平安有序，市域社会治理的试点也在社区里扎下了根。

秋天近了。账本还会一页页写下去：完成的记一笔，落后的补一笔，改过的留下缘由。品质之城，就这样一格一格地建起来。
"""

EN: Final = """\
On the banks of the Xin'an River the cranes turn from dawn to dusk, the machines run through the night, and in the fields people race the season. Open the district's ledger for August 2021: what was promised stands on one side, what was done on the other, and anybody can see who is ahead and who must hurry.

{{ photo 1 }}

## The economy: ahead in the city

While keeping the epidemic in check, Tunxi kept its economy on course. Among the districts and counties of Huangshan it came {{ figure "rank.gdp" style="ordinal" }} in gross domestic product, {{ figure "rank.retail" style="ordinal" }} in retail sales and {{ figure "rank.tourism" style="ordinal" }} in tourism revenue; it was {{ figure "rank.hightech" style="ordinal" }} in the value added of high technology and {{ figure "rank.investment" style="ordinal" }} in the growth of fixed-asset investment. By the middle of the year both the time and the task were past their half: livelihood funds had reached {{ figure "livelihood.completion" as_of="2021-06-30" decimals=2 }} of the annual plan.

Behind the places is a change of structure. New production lines grow on old industrial ground, inspection moves next to the machine, and tourism is no longer the ticket alone: the old street at night, the paths by the river and the guest houses in the hills carry it together.

## Investment: looking east

Hangzhou is a short ride away, and investment follows the rails. The district looks for firms along its industrial chains, asks chambers of commerce for introductions, lets funds bring projects, and lets those who came before bring others. Clean air, good roads and an old culture are what it has to offer.

In the first half of the year it signed {{ figure "deals.count" as_of="2021-06-30" unit="" }} projects from outside the city, {{ figure "deals.yangtze" as_of="2021-06-30" unit="" }} of them from the Yangtze River Delta. Among them are “{{ undertaking "deal-amino" }}”, with an agreed yearly capacity of {{ figure "capacity.amino" unit="tonnes" }}, and the “{{ undertaking "deal-5g-live" }}”. A signature is only the beginning: from signing to building, and from building to production, every step leaves its day in the same book.

## Projects: watch what stands still, help what is slow

{{ photo 2 }}

Key projects are gone through every month. By the end of August {{ figure "key.started" unit="" }} had started; {{ figure "key.not_started" unit="" }} were overdue to start and {{ figure "key.behind" unit="" }} had spent less than the schedule asks, and the list of names and reasons lies on the table. The contest is about results: those who are fast tell how, and those who are slow are helped to find what holds them up.

Industry has room to grow. Work on the {{ undertaking "key-double-park" }} goes on faster, land that earned little is handed to new projects, and on standard plots a firm can build as soon as it has signed. Where a chain lacks a link the district looks for it; where a plant wants to renew itself there is support.

## Town and country: both banks of the river

{{ photo 3 }}

The packaged project “{{ undertaking "key-jiangnan" }}” is under way, together with “{{ undertaking "key-parking" }}” and “{{ undertaking "key-lamps" }}”, which save drivers a detour and the city electricity. The “{{ undertaking "key-nanbin" }}” is all but complete, and in the evening the bank is full of walkers. Workers have moved in for “{{ undertaking "key-old-estates" }}”: stairways, pipes and what the elderly need are done in one go.

In the renewal campaign {{ figure "plots.cleared" unit="" }} plots were cleared. The {{ figure "villages.count" unit="" }} beautiful villages of the plan year 2020 stand at {{ figure "villages.progress" }} on average. Fumes, dust, straw burning and waste water are kept under watch.

Clear water is the district's capital. The central inspection handed over {{ figure "petitions.central.count" unit="" }} petitions, of which {{ figure "petitions.central.done" unit="" }} have been put right; of the {{ figure "petitions.provincial.count" unit="" }} from the provincial inspection {{ figure "petitions.provincial.done" unit="" }} have been put right, and each of the others has its number and its day.

{{ photo 4 }}

## Livelihood: money where it can be seen

The most careful page is that of daily life. By the end of August {{ figure "livelihood.count" unit="" }} livelihood programmes had spent {{ figure "livelihood.invested" unit="million yuan" decimals=0 }}, which is {{ figure "livelihood.completion" decimals=2 }} of the year's plan and ahead of schedule. Some are not: {{ figure "livelihood.amber" unit="" }} show an amber light and {{ figure "livelihood.red" unit="" }} a red one, to be put right before the year ends.

In the reform of schooling {{ figure "education.groups" unit="" }} education groups were founded, in which good schools take new ones along. Vaccination went on dose by dose, to {{ figure "vaccine.doses" unit="doses" }} in all. In the year of the Party's centenary the town centre stayed safe and calm.

Autumn is near. The book goes on page by page: what is done is entered, what is late is made up for, and what is corrected keeps its reason.
"""

PICTURES: Final = (
    PhotoRow("river", "新安江畔的马头墙与远山。", "Horse-head walls by the Xin'an River, with the hills behind."),
    PhotoRow(
        "workshop",
        "数字化车间的产线与在线检测工位。",
        "A production line in a digital workshop, with its inspection bench.",
    ),
    PhotoRow(
        "park",
        "傍晚的南滨江景观带，智慧路灯次第亮起。",
        "The southern riverside park at dusk, as the smart lamps come on.",
    ),
    PhotoRow(
        "village",
        "山脚下的美丽乡村与秋种的田野。",
        "A village at the foot of the hills, and its fields in the sowing season.",
    ),
)

BULLETIN: Final = ArticleRow(
    "august-2021",
    date(2021, 8, 31),
    datetime(2021, 9, 6, 9, 0, tzinfo=SHANGHAI),
    {
        "zh-hans": TextRow(
            "左边是承诺，右边是进展：屯溪区八月发展账本",
            "经济指标走在全市前列，招商向东，项目提速，城乡换颜，民生资金快于时序。文中每个数字都能点开，看到背后的记录。",
            ZH,
        ),
        "en": TextRow(
            "Promises on the left, progress on the right: Tunxi's ledger in August",
            "Ahead in the city, investment from the east, projects that gather speed, and livelihood funds ahead of schedule. Every number opens to the records behind it.",
            EN,
        ),
    },
    PICTURES,
)
