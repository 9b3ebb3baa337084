"""What a dispatcher fills in about measures, programmes and undertakings, and a reporter about a file.

A form checks what can be read; what is allowed the action decides. A refusal lands beside the field that it speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from duban.core.refusals import Refusal
from duban.people.models import Body, User
from duban.registry import filetypes, reads
from duban.registry.models import Evidence, Measure, Programme, Undertaking

PLACES: Final[Mapping[str, str]] = {
    "code-unfit": "code",
    "code-in-use": "code",
    "day-has-no-unit": "unit",
    "lead-measure-not-counted": "lead_measure",
    "attribute-code-unfit": "code",
    "attribute-code-in-use": "code",
    "attribute-name-missing": "name",
    "attribute-takes-no-unit": "unit",
    "attribute-takes-no-choices": "choices",
    "choices-missing": "choices",
    "choice-twice": "choices",
    "choice-unreadable": "choices",
    "lead-body-is-joint": "joint_bodies",
    "point-incomplete": "latitude",
    "town-is-none": "town",
    "parent-cycle": "parent",
    "parent-in-another-programme": "parent",
    "parent-is-a-part": "parent",
    "undertaking-unknown": "parent",
    "answerable-elsewhere": "answerable",
    "file-empty": "content",
    "file-too-large": "content",
    "file-type-unknown": "content",
    "file-damaged": "content",
    "evidence-there-already": "content",
    "taken-later": "taken_on",
}
"""The field that a refusal speaks of; some name it themselves, in their facts."""


class RefusableForm(forms.Form):
    """A form whose fields go to an action as they are named, and which shows what the action refuses."""

    def refuse(self, refusal: Refusal) -> None:
        """Say what was refused, in words, beside its field; above the form where there is none."""
        place = refusal.facts.get("field") or PLACES.get(refusal.code)
        if refusal.code in ("attribute-unfit", "attribute-unknown"):
            place = f"attribute_{refusal.facts['attribute']}"
        words = render_to_string("registry/refusal.txt", {"refusal": refusal})
        self.add_error(place if place in self.fields else None, words.strip())

    def done(self, action: Callable[..., Any], **more: Any) -> Any:
        """What `action` gives for this form; None when the form or the action says no."""
        if not self.is_valid():
            return None
        try:
            return action(**{**self.cleaned_data, **more})
        except Refusal as refusal:
            self.refuse(refusal)
            return None


class CodedForm(RefusableForm):
    """For what has a code, which is given once."""

    def __init__(self, *args: Any, coded: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if coded:
            del self.fields["code"]


CODE_HINT = _("Small letters, digits and hyphens. Records cite it, so it never changes.")


def _code(longest: int, hint: Any = CODE_HINT) -> forms.CharField:
    return forms.CharField(label=_("Code"), max_length=longest, help_text=hint, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class MeasureForm(CodedForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    code = _code(40)
    holds = forms.ChoiceField(label=_("Holds"), choices=Measure.Holds.choices)
    unit = forms.CharField(
        label=_("Unit"), max_length=20, required=False, help_text=_("As it is written behind a number: 元, %, 针次. A day has none.")
    )
    unit_en = forms.CharField(label=_("Unit in English"), max_length=40, required=False)
    accumulates = forms.ChoiceField(
        label=_("Counts"),
        choices=Measure.Accumulates.choices,
        help_text=_("What a reported amount adds up: this year's, everything since the start, or nothing, as a level does."),
    )
    direction = forms.TypedChoiceField(label=_("Direction"), choices=Measure.Direction.choices, coerce=int)
    order = forms.IntegerField(label=_("Place in lists"), min_value=0, max_value=32767, initial=0)


def measure_initial(measure: Measure) -> dict[str, Any]:
    """A measure as its form shows it."""
    return {name: getattr(measure, name) for name in MeasureForm.base_fields if name != "code"}


class ProgrammeForm(CodedForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=160, required=False)
    code = _code(40)
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=Body.objects.none())
    year = forms.IntegerField(label=_("Plan year"), min_value=1949, max_value=2200, required=False, localize=False)
    measures = forms.ModelMultipleChoiceField(label=_("Measures"), queryset=Measure.objects.all(), required=False)
    lead_measure = forms.ModelChoiceField(
        label=_("Lead measure"),
        queryset=Measure.objects.all(),
        required=False,
        help_text=_("Lights judge by it. Without one the programme has no lights."),
    )
    summary = forms.CharField(label=_("Summary"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    summary_en = forms.CharField(label=_("Summary in English"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    source = forms.CharField(label=_("Source"), max_length=120, required=False)
    source_en = forms.CharField(label=_("Source in English"), max_length=160, required=False)
    public = forms.BooleanField(label=_("The public may see it"), required=False)
    illustrative = forms.BooleanField(label=_("Its figures are illustrative"), required=False)
    order = forms.IntegerField(label=_("Place in lists"), min_value=0, max_value=32767, initial=0)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = reads.kept_bodies(by)


def programme_initial(programme: Programme) -> dict[str, Any]:
    """A programme as its form shows it."""
    initial = {name: getattr(programme, name) for name in ProgrammeForm.base_fields if name not in ("code", "measures")}
    return {**initial, "measures": [measure.pk for measure in programme.measures.all()]}


TYPES = (("text", _("text")), ("number", _("number")), ("flag", _("yes or no")), ("choice", _("choice")))


class AttributeForm(CodedForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    code = _code(40)
    type = forms.ChoiceField(label=_("Type"), choices=TYPES)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False, help_text=_("For numbers only."))
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("For choices only, one a line: code | name | name in English."),
    )

    def clean_choices(self) -> list[dict[str, str]]:
        """`works | 工程类 | Works`, a line each."""
        lines = [line for line in str(self.cleaned_data["choices"]).replace("\uff5c", "|").splitlines() if line.strip()]
        return [dict(zip(("code", "name", "name_en"), [*map(str.strip, line.split("|", 2)), "", ""], strict=False)) for line in lines]

    def done(self, action: Callable[..., Any], **more: Any) -> Any:
        """The action gets the declaration whole."""
        if not self.is_valid():
            return None
        try:
            return action(attribute=self.cleaned_data, **more)
        except Refusal as refusal:
            self.refuse(refusal)
            return None


def attribute_initial(declared: Mapping[str, Any]) -> dict[str, Any]:
    """A declared attribute as its form shows it."""
    lines = [" | ".join(filter(None, (one["code"], one["name"], one.get("name_en", "")))) for one in declared.get("choices", ())]
    return {**declared, "choices": "\n".join(lines)}


class UndertakingForm(CodedForm):
    """The fixed fields, and one for each attribute that the programme declares."""

    name = forms.CharField(label=_("Name"), max_length=160)
    name_en = forms.CharField(label=_("Name in English"), max_length=240, required=False)
    code = _code(60, _("Letters, digits and hyphens, such as a case's number. Records cite it, so it never changes."))
    kind = forms.ChoiceField(label=_("Kind"), choices=Undertaking.Kind.choices)
    stage = forms.ChoiceField(label=_("Stage"), choices=[("", "—"), *Undertaking.Stage.choices], required=False)
    parent = forms.CharField(
        label=_("Part of"),
        max_length=60,
        required=False,
        help_text=_("The code of the undertaking that this is a part of. Parts are counted, not their heading."),
    )
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    description_en = forms.CharField(label=_("Description in English"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    lead_body = forms.ModelChoiceField(label=_("Lead body"), queryset=Body.objects.none())
    answerable = forms.ModelChoiceField(
        label=_("Person answerable"), queryset=User.objects.none(), required=False, help_text=_("Shown at the desk only.")
    )
    answerable_title = forms.CharField(label=_("Title of the person answerable"), max_length=80, required=False)
    joint_bodies = forms.ModelMultipleChoiceField(label=_("Joint bodies"), queryset=Body.objects.none(), required=False)
    town = forms.ModelChoiceField(label=_("Town"), queryset=Body.objects.none(), required=False)
    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90, required=False)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180, required=False)
    public = forms.BooleanField(label=_("The public may see it"), required=False, initial=True)
    order = forms.IntegerField(label=_("Place in lists"), min_value=0, max_value=2147483647, initial=0)

    SECTIONS = (
        (_("Undertaking"), ("name", "name_en", "code", "kind", "stage", "parent", "description", "description_en")),
        (_("Who answers for it"), ("lead_body", "answerable", "answerable_title", "joint_bodies")),
        (_("Where it is"), ("town", "latitude", "longitude")),
        (_("Attributes"), None),
        (_("In lists"), ("public", "order")),
    )

    def __init__(self, *args: Any, by: User, programme: Programme, undertaking: Undertaking | None = None, **kwargs: Any) -> None:
        super().__init__(*args, coded=undertaking is not None, **kwargs)
        self.programme = programme
        kept, people = reads.kept_bodies(by), reads.officials(by)
        joined = Body.objects.filter(joint_undertakings=undertaking) if undertaking else Body.objects.none()
        self.fields["lead_body"].queryset = kept
        self.fields["joint_bodies"].queryset = Body.objects.filter(Q(pk__in=kept) | Q(pk__in=joined)).order_by("path")
        held = {"town": undertaking.town_id, "answerable": undertaking.answerable_id} if undertaking else {}
        self.fields["town"].queryset = Body.objects.filter(Q(pk__in=kept, kind=Body.Kind.TOWN) | Q(pk=held.get("town"))).order_by("path")
        able = User.objects.filter(Q(pk__in=people) | Q(pk=held.get("answerable")))
        self.fields["answerable"].queryset = able.order_by("display_name", "username")
        for declared in programme.attributes:
            self.fields[f"attribute_{declared['code']}"] = attribute_field(declared)

    def sections(self) -> list[tuple[Any, list[Any]]]:
        """The fields under their headings; a heading without fields is left out."""
        fixed = {name for _, names in self.SECTIONS for name in names or ()}
        others = [name for name in self.fields if name not in fixed]
        shown = [(title, others if names is None else names) for title, names in self.SECTIONS]
        found = [(title, [self[name] for name in names if name in self.fields]) for title, names in shown]
        return [(title, fields) for title, fields in found if fields]

    def clean(self) -> dict[str, Any]:
        """Attributes under their own codes; the part's parent as itself."""
        said = super().clean() or {}
        held = {name: said.pop(name, None) for name in list(said) if name.startswith("attribute_")}
        said["attributes"] = {name.removeprefix("attribute_"): value for name, value in held.items()}
        said["stage"] = said.get("stage") or ""
        if code := said.get("parent"):
            said["parent"] = Undertaking.objects.select_related("programme", "parent").filter(code=code).first()
            if said["parent"] is None:
                self.refuse(Refusal("undertaking-unknown", undertaking=code))
        else:
            said["parent"] = None
        return said


def undertaking_initial(undertaking: Undertaking) -> dict[str, Any]:
    """An undertaking as its form shows it."""
    fixed = [name for name in UndertakingForm.base_fields if name not in ("code", "joint_bodies", "parent")]
    return {
        **{name: getattr(undertaking, name) for name in fixed},
        **{f"attribute_{code}": value for code, value in undertaking.attributes.items()},
        "joint_bodies": [body.pk for body in undertaking.joint_bodies.all()],
        "parent": undertaking.parent.code if undertaking.parent else "",
    }


YES_OR_NO = (("", "—"), ("True", _("yes")), ("False", _("no")))


def attribute_field(declared: Mapping[str, Any]) -> forms.Field:
    """The field of a declared attribute. It carries the declaration, whose names the page tells in the reader's language."""
    field: forms.Field
    match declared["type"]:
        case "number":
            field = forms.DecimalField(required=False, max_digits=20)
        case "flag":
            field = forms.TypedChoiceField(required=False, choices=YES_OR_NO, coerce=lambda said: said == "True", empty_value=None)
        case "choice":
            field = forms.ChoiceField(required=False, choices=[("", "—"), *((one["code"], one["name"]) for one in declared["choices"])])
        case _:
            field = forms.CharField(required=False, max_length=500)
    field.label = declared["name"]
    field.declared = declared  # type: ignore[attr-defined]
    return field


class MoveForm(RefusableForm):
    """To another programme."""

    programme = forms.ModelChoiceField(label=_("Programme"), queryset=Programme.objects.none())

    def __init__(self, *args: Any, by: User, undertaking: Undertaking, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = reads.kept_programmes(by).exclude(pk=undertaking.programme_id)


class EvidenceForm(RefusableForm):
    content = forms.FileField(
        label=_("Drop a file here, or choose one"),
        allow_empty_file=True,  # the action has its own word for it
        widget=forms.FileInput(attrs={"accept": ",".join(ending for kind in filetypes.TYPES for ending in kind.endings[:2])}),
    )
    caption = forms.CharField(label=_("What it shows"), max_length=200, required=False)
    taken_on = forms.DateField(label=_("Taken on"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = {"megabytes": settings.SET["evidence_mb"]}
        words = _("Photograph (JPEG, PNG, WebP), PDF, Excel, Word or plain text, up to %(megabytes)s MB. It is kept as it is.")
        self.fields["content"].help_text = words % limit

    def attached(self, action: Callable[..., Evidence], **more: Any) -> Evidence | None:
        """The file that `action` keeps; None when the form or the action says no."""
        if not self.is_valid():
            return None
        upload = self.cleaned_data["content"]
        made: Evidence | None = self.done(action, name=upload.name, **more)
        return made
