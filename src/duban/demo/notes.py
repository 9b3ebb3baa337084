"""Two shorter articles that stood on the portal before the bulletin: investment at half-year, livelihood in July."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from duban.demo.rows import SHANGHAI, ArticleRow, PhotoRow, TextRow

INVESTMENT_ZH: Final = """\
上半年的招商账已经对清。全区签约引进市外投资项目{{ figure "deals.count" }}，其中长三角地区{{ figure "deals.yangtze" }}，占{{ figure "deals.share" decimals=2 }}；协议投资额合计{{ figure "deals.agreed" unit="亿元" decimals=2 }}。

{{ photo 1 }}

## 从签约到开工

签下来的项目里，已有{{ figure "deals.started" }}开工建设。{{ undertaking "deal-amino" }}、{{ undertaking "deal-5g-live" }}进入前期手续并联办理，用地、环评、能评由专人帮办。只签了框架、没有正式合同的，不计入本期。

## 下半年怎么干

沿着产业链列出缺口清单，带着清单去长三角登门；已签约的逐个排出开工日期，到期未动的进入督办。
"""
INVESTMENT_EN: Final = """\
The books on investment for the first half-year are closed. The district signed {{ figure "deals.count" unit="" }} projects from outside the city, {{ figure "deals.yangtze" unit="" }} of them, or {{ figure "deals.share" decimals=2 }}, from the Yangtze River Delta. The agreed amounts come to {{ figure "deals.agreed" unit="million yuan" decimals=0 }}.

{{ photo 1 }}

## From signature to building site

Of those that were signed {{ figure "deals.started" unit="" }} have started. “{{ undertaking "deal-amino" }}” and the “{{ undertaking "deal-5g-live" }}” go through their permits side by side, with an official to help each. What has a framework and no contract is not counted.

## The second half

A list of what the industrial chains lack goes along to the cities of the delta; every signed project gets its starting day, and whoever misses it is asked why.
"""
LIVELIHOOD_ZH: Final = """\
到七月底，{{ figure "livelihood.count" }}民生工程完成投资{{ figure "livelihood.invested" unit="亿元" decimals=2 }}，为年度计划{{ figure "livelihood.planned" unit="亿元" decimals=2 }}的{{ figure "livelihood.completion" decimals=2 }}。

{{ photo 1 }}

## 快的和慢的

保险类资金上半年已基本拨付，工程类随着汛期结束进入施工旺季。亮黄灯的有{{ figure "livelihood.amber" }}，亮红灯的有{{ figure "livelihood.red" }}：小型水利要等枯水期，城市易涝点卡在管线迁改。牵头单位已排出追赶计划。

## 账怎么记

各单位按月填报，审核通过才入账；改动一律写明缘由，旧数字照样查得到。
"""
LIVELIHOOD_EN: Final = """\
By the end of July {{ figure "livelihood.count" unit="" }} livelihood programmes had spent {{ figure "livelihood.invested" unit="million yuan" decimals=1 }}, or {{ figure "livelihood.completion" decimals=2 }} of the {{ figure "livelihood.planned" unit="million yuan" decimals=0 }} planned for the year.

{{ photo 1 }}

## Fast and slow

Insurance was mostly paid out in the first half-year; works pick up now that the flood season ends. An amber light shows on {{ figure "livelihood.amber" unit="" }} and a red one on {{ figure "livelihood.red" unit="" }}: small water works wait for low water, and spots prone to flooding wait for pipes to be moved. The bodies in charge have set out how they will catch up.

## How the book is kept

Departments report each month and nothing counts before it was reviewed. Every change gives its reason, and the old number can still be read.
"""

INVESTMENT: Final = ArticleRow(
    "half-year-investment",
    date(2021, 6, 30),
    datetime(2021, 7, 12, 9, 0, tzinfo=SHANGHAI),
    {
        "zh-hans": TextRow("上半年招商：长三角来客居多", "签约、开工、协议投资额，一笔一笔对得上。", INVESTMENT_ZH),
        "en": TextRow(
            "Investment in the first half-year: most came from the delta",
            "Signatures, starts and agreed amounts, each with its record.",
            INVESTMENT_EN,
        ),
    },
    (PhotoRow("workshop", "数字化车间的产线。", "A production line in a digital workshop."),),
)
LIVELIHOOD: Final = ArticleRow(
    "livelihood-july-2021",
    date(2021, 7, 31),
    datetime(2021, 8, 9, 9, 0, tzinfo=SHANGHAI),
    {
        "zh-hans": TextRow("民生工程七月账：资金快于时序", "哪些快、哪些慢、怎么追，一页看清。", LIVELIHOOD_ZH),
        "en": TextRow(
            "Livelihood in July: the money is ahead of schedule", "What is fast, what is slow, and how it will catch up.", LIVELIHOOD_EN
        ),
    },
    (PhotoRow("village", "田野与村庄。", "Fields and a village."),),
)
