"""One sentence for every code that a refusal or a finding carries; `duban.web.wording` fills in the facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as lazy

SENTENCES: Mapping[str, Any] = {
    # rulebooks
    "rulebook-unreadable": lazy("This is not TOML. Look at quotation marks, brackets and equals signs here."),
    "rulebook-key-unknown": lazy("“%(key)s” is not a key of a rulebook."),
    "rulebook-value-wrong": lazy("“%(key)s” cannot be “%(value)s”. It takes: %(wanted)s."),
    "rulebook-order-wrong": lazy("“%(key)s” would turn red before it turns amber."),
    "rulebook-unfit": lazy("The rulebook is wrong in %(count)s places, first in line %(row)s (%(key)s). Mend it first."),
    "rulebook-needs-reason": lazy("Say why the rulebook is to change."),
    "rulebook-too-long": lazy("A rulebook has no more than %(most)s characters."),
    "rulebook-encoding": lazy("The file is not UTF-8. Save it as UTF-8 text."),
    "rulebook-for-whom": lazy("Name the one programme, or the one body, that the rulebook is for."),
    "rulebook-draft-waits": lazy("A draft by %(by)s of %(at)s waits already. Go on with it, or discard it."),
    "rulebook-in-another-state": lazy("Somebody has adopted or discarded this draft meanwhile. Load the page again."),
    "rulebook-rewritten": lazy("Somebody has changed this draft since you opened it. Read it once more, then decide."),
    "rulebook-own": lazy("Nobody adopts a rulebook that they had a hand in. Somebody else has to."),
    "rulebook-contradicts": lazy("From %(day)s on, “%(key)s” of %(name)s would turn red before it turns amber."),
    # amounts and periods
    "amount-unreadable": lazy("“%(amount)s” is not an amount."),
    "amount-ambiguous": lazy("“%(amount)s” can be read in more than one way: %(readings)s. Write the one that is meant."),
    "amount-inexact": lazy("“%(amount)s” is not an exact amount. Write one number."),
    "amount-dash": lazy("“%(amount)s” may mean zero or that nothing is known. Write 0, or leave it empty."),
    "amount-too-fine": lazy("%(amount)s has more than %(places)s decimal places."),
    "amount-too-large": lazy("%(amount)s is too large."),
    "period-unreadable": lazy("“%(period)s” is not a period. Write 2021-08, 2021-Q3, 2021-H1, 2021 or a day."),
    "day-unreadable": lazy("“%(day)s” is not a day. Write it like 2021-08-31."),
    "day-incomplete": lazy("“%(day)s” is no whole day. Write year, month and day, like 2021-08-31."),
    "day-ambiguous": lazy("“%(day)s” can be read as more than one day. Write year, month and day, like 2021-08-31."),
    "day-missing": lazy("The day is missing."),
    "cell-failed": lazy("The formula of this cell fails and shows %(error)s. Mend it, or write the value."),
    "since-not-before": lazy("%(since)s does not lie before %(as_of)s. Choose an earlier day to compare with."),
    "meeting-ahead": lazy("%(day)s has not come yet. A meeting is kept once it was held."),
    "meeting-there-already": lazy("A meeting of %(day)s is kept already."),
    "moment-unreadable": lazy("“%(moment)s” is not a moment. Write it like 2021-08-31T18:00."),
    # the plan's own clock
    "earned-no-plan": lazy("The plan asks for nothing, so nothing can be measured against it."),
    "earned-lengths-differ": lazy("There are %(times)s times and %(amounts)s amounts; each amount needs its time."),
    "earned-order": lazy("The times must rise from the start on; %(at)s does not."),
    "earned-negative": lazy("%(amount)s at the time %(at)s is below zero."),
    "earned-not-a-number": lazy("The time or the amount at place %(place)s is no finite number."),
    "earned-plan-falls": lazy("The plan falls at the time %(at)s. A plan that adds up never does."),
    "earned-before-start": lazy("Something was done at the time %(at)s, before the plan begins."),
    # the ledger
    "slot-twice": lazy("The same slot is named twice."),
    "correction-needs-reason": lazy("This slot speaks already. Changing what it says needs a reason."),
    "nothing-to-withdraw": lazy("There is nothing to withdraw: this slot says nothing."),
    # what is sent
    "amount-negative": lazy("%(amount)s is below zero, which this measure cannot be."),
    "undertaking-of-another-body": lazy("The undertaking %(undertaking)s is not one of %(body)s."),
    "measure-not-in-programme": lazy("The programme of %(undertaking)s does not count this measure."),
    "day-expected": lazy("%(undertaking)s: this measure holds a day, not an amount."),
    "amount-expected": lazy("%(undertaking)s: this measure holds an amount, not a day."),
    "period-not-ended": lazy("%(period)s has not ended yet. A report speaks of what has been."),
    "day-not-come": lazy("%(day)s has not come yet. A report speaks of what has been."),
    "submission-in-another-state": lazy("Somebody has dealt with this report meanwhile. Load the page again."),
    "submission-sent-again": lazy("This report was changed and sent again since you opened it. Read it once more, then decide."),
    "submission-empty": lazy("The report says nothing. Fill in at least one field."),
    "own-submission": lazy("Nobody accepts what they have written or sent themselves."),
    "finding-gone": lazy(
        "The checks have looked again meanwhile and no longer find what you explained with “%(explanation)s”. Read what they find now."
    ),
    "finding-to-be-read": lazy("%(count)s findings wait to be read. Open the report, then decide."),
    "review-of-another-body": lazy("Reports of %(body)s are not yours to review."),
    "return-needs-reason": lazy("Say why you return it."),
    "slot-spoke-meanwhile": lazy("%(undertaking)s, %(period)s: something else has been accepted meanwhile. Look at it, then decide."),
    "slot-spoke-again": lazy("%(count)s more were accepted since this page was shown. Look at what they say now, then decide."),
    "first-wording-stands": lazy("%(undertaking)s, %(period)s: this plan has its first wording already, and keeps it. Leave the line out."),
    "finding-blocks": lazy("%(count)s findings have to be mended before this can be sent."),
    "finding-unexplained": lazy("%(count)s findings have to be explained before this can be sent."),
    # the month as it is typed
    "typed-meanwhile": lazy("%(person)s typed “%(typed)s” here at %(at)s."),
    "emptied-meanwhile": lazy("%(person)s emptied this cell at %(at)s."),
    "sent-meanwhile": lazy("This cell has been sent meanwhile, in report #%(submission)s."),
    "gone-meanwhile": lazy("Somebody emptied this cell meanwhile."),
    "typed-too-long": lazy("No more than %(limit)s characters fit here."),
    "month-says-nothing-new": lazy("There is nothing to send yet. Fill in a cell that can be read and says something new."),
    "another-user": lazy("Somebody else is signed in now. What you typed stays on this device until you sign in again."),
    # undoing
    "undo-needs-reason": lazy("Say why the batch is to be undone."),
    "undo-waits": lazy("An undoing of this batch waits for its answer already."),
    "nothing-to-undo": lazy("There is nothing to undo: the ledger says what it said before this batch, or has been corrected since."),
    "corrected-since": lazy("%(undertaking)s, %(measure)s, %(period)s: corrected since, so it stays as it is."),
    "not-a-csv": lazy("This is not a CSV file of text."),
    "encoding-unknown": lazy("The file's characters are neither UTF-8 nor GB 18030."),
    "parameter-unknown": lazy("“%(parameter)s” cannot be asked here. What can: %(wanted)s."),
    "table-too-long": lazy("A sheet holds no more than %(most)s rows. Narrow the list, or take it along as CSV."),
    "file-too-large": lazy("The file is larger than %(megabytes)s MB."),
    "file-empty": lazy("The file is empty."),
    "not-a-workbook": lazy("“%(name)s” is no table. Send an Excel (.xlsx, .xls), ODS or CSV file; save another kind as .xlsx first."),
    "file-encrypted": lazy("The file is protected by a password. Save it without one and send it again."),
    "file-has-macros": lazy("The file holds macros. Save it as a workbook without macros (.xlsx) and send it again."),
    "file-too-heavy": lazy("The file asks for more memory or time than any table needs. Copy the cells that matter into a new workbook."),
    "sheet-too-large": lazy(
        "The sheet spreads over more than %(cells)s cells. Delete stray cells far to the right or far below, or send it in parts."
    ),
    "sheet-too-wide": lazy("The sheet has more than %(limit)s columns that hold something."),
    "sheet-too-long": lazy("The table has more than %(limit)s rows."),
    "sheet-missing": lazy("The file has no sheet “%(sheet)s”."),
    "links-elsewhere": lazy("Cells take values from %(count)s other files. They are read as this file last showed them."),
    "upload-failed": lazy("Something went wrong while the file was being read. Send it again; if that fails too, tell whoever runs duban."),
    "upload-sender-left": lazy("%(by)s may no longer report for %(body)s. Somebody who may has to send the file."),
    "upload-month-differs": lazy("The file speaks of %(said)s, not of %(chosen)s, which was chosen; it was read as it says itself."),
    "upload-in-another-state": lazy("Somebody has gone on with this file meanwhile. Load the page again."),
    "column-missing": lazy("The column is missing."),
    "column-unknown": lazy("Nobody knows this column."),
    "row-length": lazy("The row has %(cells)s cells, the header %(columns)s."),
    "programme-unknown": lazy("Nobody knows a programme “%(programme)s”."),
    "undertaking-unknown": lazy("Nobody knows an undertaking “%(undertaking)s”."),
    "measure-unknown": lazy("Nobody knows a measure “%(measure)s”."),
    "kind-unknown": lazy("“%(kind)s” is neither plan nor report."),
    "amount-missing": lazy("The amount is missing. Write “withdrawn” to withdraw what the slot says."),
    "unit-unknown": lazy("“%(unit)s” is not a unit of this measure, which is counted in %(expected)s."),
    "unit-suspect": lazy(
        "%(amount)s is ten thousand times less than %(known)s, which stands in the ledger. Is it in 万元? Write the unit behind the number."
    ),
    # the reporting calendar
    "line-ends-before-it-begins": lazy("The line would end on %(until)s, before it begins on %(since)s."),
    "working-days-unfit": lazy("Give at least one working day, and %(most)s at most."),
    "line-measure-not-counted": lazy("The programme does not count %(measures)s."),
    "nothing-missing": lazy("%(body)s has nothing left to send for %(period)s."),
    "reminded-today": lazy("%(body)s has been told today already. Once a day is enough."),
    "channel-scheme-closed": lazy("This kind of chat is not open. Open are: %(allowed)s."),
    "channel-address-unreadable": lazy("This is no address of a robot. Paste it as the chat shows it."),
    # a workbook that comes back
    "workbook-empty": lazy("%(body)s leads and joins no undertaking that it could report on."),
    "workbook-format-unknown": lazy("This is a workbook of an unknown form (%(format)s). Get a new one."),
    "workbook-of-another-site": lazy(
        "This workbook was made by another site, or by this one before its ledger was restored. Get a new one."
    ),
    "workbook-of-another-body": lazy("This workbook is for %(body)s, not for %(expected)s."),
    "cell-emptied": lazy(
        "The cell was emptied; the ledger says %(known)s %(unit)s. Emptying withdraws nothing: withdraw it in the form, with a reason."
    ),
    "locked-cell-changed": lazy(
        "“%(typed)s” was not taken: this cell is locked, because the ledger knows it or because it is not asked here."
    ),
    "heading-unit-changed": lazy(
        "The heading says %(unit)s now, where it said %(was)s. What was changed in this column has been read in %(unit)s."
    ),
    "column-twice": lazy("Columns are copies of one another (%(columns)s). None of them was read: leave one."),
    "columns-missing": lazy("These columns are gone and say nothing: %(columns)s."),
    "row-twice": lazy(
        "The row speaks of the same undertaking as row %(first)s of the sheet “%(sheet)s” (%(undertaking)s). Neither was read: leave one."
    ),
    "row-unknown": lazy(
        "Nobody knows which undertaking the row “%(name)s” speaks of. It was not read. Use the rows that the workbook came with."
    ),
    "row-mixed-up": lazy(
        "The row is named “%(name)s”, but its hidden code says %(undertaking)s. It was not read: sort whole rows, or get a new workbook."
    ),
    "rows-missing": lazy("Rows that are gone say nothing: %(count)s, among them %(names)s."),
    "page-missing": lazy("The sheet is gone; its %(count)s undertakings say nothing."),
    "sheet-left-out": lazy("This sheet is none of the workbook's and was not read."),
    "reason-without-change": lazy("A reason for a correction was given (“%(reason)s”), but nothing in the row was changed."),
    # what the checks find
    "unit-off": lazy(
        "%(name)s, %(period)s: %(measure)s of %(amount)s %(unit)s is some ten thousand times off %(known)s %(unit)s, which is known. Was it told in another unit, as 万元 for 元?"
    ),
    "share-for-percent": lazy(
        "%(name)s, %(period)s: %(measure)s is %(amount)s%(unit)s where it stood at %(before)s%(unit)s in %(since)s. Is it a share of one, 0.83 for 83?"
    ),
    "amount-falls": lazy(
        "%(name)s, %(period)s: %(measure)s falls from %(before)s %(unit)s (%(since)s) to %(amount)s %(unit)s. What adds up cannot fall."
    ),
    "progress-falls": lazy("%(name)s, %(period)s: %(measure)s falls from %(before)s %(unit)s (%(since)s) to %(amount)s %(unit)s."),
    "spike-then-fall": lazy(
        "%(name)s: %(measure)s stood at %(base)s %(unit)s in %(base_period)s, rose to %(before)s %(unit)s in %(since)s and falls back to %(amount)s %(unit)s in %(period)s. Look at all three."
    ),
    "period-end-jump": lazy(
        "%(name)s: %(period)s, a quarter's end, brings %(step)s %(unit)s more of %(measure)s. No month before it brought more than %(most)s %(unit)s."
    ),
    "over-hundred": lazy("%(name)s, %(period)s: %(measure)s is %(amount)s %(unit)s. There is no more than 100."),
    "far-above-plan": lazy(
        "%(name)s, %(period)s: %(measure)s is %(amount)s %(unit)s where the plan asks for %(plan)s %(unit)s, and nothing says that it is complete."
    ),
    "long-run": lazy("%(name)s: %(measure)s is %(amount)s %(unit)s in %(count)s reports in a row, from %(first)s to %(period)s."),
    "missing-period": lazy("%(name)s: nothing was reported of %(measure)s for %(missing)s."),
    "plan-unit-off": lazy(
        "%(name)s: a plan of %(amount)s %(unit)s for %(measure)s is some ten thousand times off %(known)s %(unit)s, which stands in the ledger. Was it told in another unit, as 万元 for 元?"
    ),
    "original-rewritten": lazy("%(name)s: the original plan of %(measure)s is told as %(now)s; it was first told as %(first)s."),
    "revised-before-original": lazy("%(name)s: the revised day of %(measure)s, %(now)s, lies before the original one, %(first)s."),
    "parts-differ": lazy(
        "%(name)s, %(period)s: %(measure)s is %(amount)s %(unit)s; its parts come to %(summed)s %(unit)s, which differs by %(difference)s %(unit)s."
    ),
    "started-without-evidence": lazy("%(name)s, %(period)s: a start is reported and no file shows it. Add a photograph or a document."),
    "photograph-again": lazy(
        "%(name)s, %(period)s: the photograph “%(file)s” looks like “%(seen_file)s”, first seen with %(seen_name)s (%(seen_at)s)."
    ),
    "left-list": lazy("%(name)s reported for %(since)s and is missing from the list for %(period)s."),
    "entered-list": lazy("%(name)s is on the list for %(period)s for the first time."),
    "threshold-unknown": lazy("There is no threshold “%(name)s”."),
    "threshold-unfit": lazy("The threshold %(name)s cannot be “%(value)s”: it is a whole number from %(least)s to %(most)s."),
    # somebody's own table
    "table-not-found": lazy("No table was found: a head with at least two headings, and rows below it."),
    "table-head-differs": lazy("The heading “%(heading)s” is not one that was told. Say again what the columns mean."),
    "table-month-unsaid": lazy("Neither the file nor anybody says which month it speaks of. Choose the month, and send it in again."),
    "table-rows-unnamed": lazy("No column names the undertakings. Choose one as the name or the code."),
    "table-says-nothing": lazy("No column is read. Choose what at least one of them reports or plans."),
    "table-meaning-twice": lazy("The column “%(heading)s” says what another column says already. Only one of them can be read."),
    "table-measure-missing": lazy("Choose what the column “%(heading)s” measures."),
    "table-unit-missing": lazy("Choose the unit of the column “%(heading)s”; 元 and 万元 are ten thousand times apart."),
    "table-month-differs": lazy("The file speaks of %(told)s, but %(period)s was chosen. It was read as %(period)s."),
    "table-row-twice": lazy("%(name)s stands in row %(first)s already. Only that row was read."),
    "table-columns-differ": lazy("It comes to %(said)s, but the column “%(other)s” says %(beside)s. That column was taken."),
    "row-unmatched": lazy("Nobody knows which undertaking “%(name)s” is. The row was not read."),
    "row-unmatched-like": lazy("Nobody knows which undertaking “%(name)s” is; it looks like %(suggestions)s. The row was not read."),
    "row-unnamed": lazy("The row has amounts but no name. It was not read."),
    "rows-of-others": lazy("%(count)s rows are not this body's (%(body)s) to report, such as %(names)s. They were not read."),
    "total-differs": lazy("The total “%(total)s” says %(said)s, its parts come to %(summed)s: a difference of %(difference)s."),
    "month-missing": lazy("What had come together by %(period)s is not known, so this month cannot be added to it. It was not read."),
    "original-kept": lazy(
        "The file gives %(now)s as the original plan of %(measure)s. %(first)s was accepted first and stays the original."
    ),
    "findings-more": lazy("%(count)s more of the same kind."),
    "mapping-name-missing": lazy("Give it a name."),
    # people
    "already-appointed": lazy("This role in this body is held already."),
    "application-open": lazy("You have asked for this already. It waits for an answer."),
    "own-appointment": lazy("Nobody may give a role to themselves or end their own."),
    "move-into-itself": lazy("A body cannot belong to itself or to a part of itself."),
    "code-taken": lazy("The code %(body)s is taken."),
    "code-unreadable": lazy("“%(body)s” cannot be a code. Use small letters, digits and hyphens."),
    "path-too-long": lazy("The tree would become too deep."),
    "appointment-ended": lazy("This appointment has ended already."),
    "invitation-used": lazy("This invitation has been used already."),
    "invitation-expired": lazy("This invitation has expired. Ask for a new one."),
    "application-answered": lazy("Somebody has answered this already."),
    "invitation-void": lazy("%(by)s may no longer give this role. Ask for a new invitation."),
    # tokens and the interface for programs
    "token-name-missing": lazy("Give the token a name by which you know it again."),
    "scope-unknown": lazy("A token needs to be for something: reading what is to be reported, or handing in reports."),
    "token-too-long": lazy("A token runs for %(most)s days at most."),
    "not-permitted": lazy("This token, or the person that it belongs to, may not do that (%(act)s)."),
    "key-used-differently": lazy("The key %(key)s has been used for another report already."),
    "one-of-three": lazy("A line says an amount, a day, or that it withdraws: one of the three."),
    # the registry
    "code-unfit": lazy("“%(given)s” cannot be a code. Use letters, digits and hyphens."),
    "code-in-use": lazy("The code %(given)s is taken."),
    "field-unfit": lazy("“%(value)s” cannot stand here."),
    "day-has-no-unit": lazy("A measure that holds a day has no unit."),
    "measure-has-entries": lazy("The ledger holds entries of %(measures)s. What they mean cannot be changed any more."),
    "lead-measure-not-counted": lazy("Lights can only judge by a measure that the programme counts; %(measure)s is not among them."),
    "attribute-code-unfit": lazy(
        "“%(attribute)s” cannot be an attribute's code, or means something else. Begin with a letter; use small letters, digits and hyphens."
    ),
    "attribute-code-in-use": lazy("The programme declares an attribute %(attribute)s already."),
    "attribute-name-missing": lazy("The attribute %(attribute)s needs a name."),
    "attribute-type-unknown": lazy("“%(type)s” is not a type of attribute."),
    "attribute-takes-no-unit": lazy("Only a number has a unit."),
    "attribute-takes-no-choices": lazy("Only a choice has choices."),
    "choices-missing": lazy("%(attribute)s needs two choices at least."),
    "choice-unreadable": lazy("The choice “%(choice)s” needs a code of small letters, digits and hyphens, and a name."),
    "choice-twice": lazy("The choice %(choice)s is named twice."),
    "attribute-unknown": lazy("The programme declares no attribute “%(attribute)s”."),
    "attribute-unfit": lazy("%(name)s cannot be “%(value)s”."),
    "attribute-in-use": lazy(
        "Undertakings that say something under “%(attribute)s” which would no longer fit: %(undertakings)s. Change them first."
    ),
    "undertaking-has-entries": lazy("The ledger speaks of %(undertaking)s, so it stays on its programme's list."),
    "undertaking-has-parts": lazy("%(undertaking)s has parts of its own."),
    "lead-body-is-joint": lazy("%(body)s leads already; it cannot join as well."),
    "point-incomplete": lazy("A point on the map needs both its latitude and its longitude."),
    "town-is-none": lazy("%(body)s is not a town or subdistrict."),
    "parent-cycle": lazy("%(undertaking)s cannot be a part of itself."),
    "parent-in-another-programme": lazy("%(parent)s stands on the list of %(programme)s. A part stands on the same list."),
    "parent-is-a-part": lazy("%(parent)s is a part itself. Parts have no parts."),
    "answerable-elsewhere": lazy("%(person)s holds no role in these bodies, above or below them."),
    # evidence
    "file-type-unknown": lazy(
        "“%(name)s” is none of these: JPEG, PNG or WebP photograph, PDF, Excel or Word file without macros, plain text."
    ),
    "file-damaged": lazy("The file is damaged and cannot be opened."),
    "taken-later": lazy("%(day)s has not come yet."),
    "evidence-there-already": lazy("This very file is here already, as “%(name)s”, since %(at)s."),
    # articles
    "slug-taken": lazy("Another article has the address “%(slug)s”."),
    "language-unknown": lazy("There are no texts in “%(language)s”."),
    "title-missing": lazy("The title is missing."),
    "text-missing": lazy("The text in Simplified Chinese is missing."),
    "tag-unreadable": lazy("The tag “%(tag)s” cannot be read."),
    "typed-number": lazy("A number was typed near “%(near)s”. Numbers come from figures."),
    "figure-unknown": lazy("There is no figure “%(code)s”."),
    "figure-not-public": lazy("The figure “%(code)s” belongs to another body and is not public."),
    "figure-silent": lazy("The figure “%(code)s” has no answer as of %(as_of)s."),
    "figure-without-programme": lazy("The figure “%(code)s” names no programme."),
    "share-needs-two-figures": lazy("The figure “%(code)s” is a share; it needs a figure above and one below the line."),
    "not-a-photograph": lazy("The file is not a JPEG, PNG or WebP photograph."),
    "caption-missing": lazy("The caption is missing."),
    "photo-missing": lazy("There is no photograph number %(number)s."),
    # the command line
    "database-not-ready": lazy("The database is not ready. Run `duban migrate` first."),
    "triggers-missing": lazy("The ledger's triggers %(triggers)s are missing. Run `duban migrate` first."),
    "already-founded": lazy("%(body)s stands at the top of the tree already."),
    "username-taken": lazy("Somebody has the user name “%(username)s” already."),
    "password-refused": lazy("This password will not do. %(why)s"),
    "body-unknown": lazy("Nobody knows a body “%(body)s”."),
    "user-unknown": lazy("Nobody has the user name “%(username)s”."),
    "import-not-theirs-to-report": lazy("“%(username)s” does not report for the undertaking %(undertaking)s. Nothing was taken."),
    "import-not-theirs-to-accept": lazy("“%(username)s” does not review reports of the undertaking %(undertaking)s. Nothing was taken."),
    # the example
    "demo-outside-demo-mode": lazy("The example is loaded only when DUBAN_MODE is demo; it is %(mode)s."),
    "demo-needs-empty-database": lazy("The example needs an empty database; this one has %(bodies)s bodies and %(users)s accounts."),
}
"""The sentence of every code; `%(fact)s` stands where a fact belongs."""
