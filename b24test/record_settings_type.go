package b24test

import (
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

const (
	mostPlaces = 12 // of a number
	mostRows   = 50 // of the input field of a text
)

// typeSettings returns the settings that a field of a type has: those that are given, as far as the
// type knows them, and the usual values of all others.
//
//nolint:mnd // the sizes of input fields
func typeSettings(kind string, given *php.Array) *php.Array {
	switch kind {
	case typeString:
		return php.Object("SIZE", fieldSize(given), "ROWS", between(given, "ROWS", 1, mostRows), "REGEXP", given.Text("REGEXP"),
			"MIN_LENGTH", whole(given, "MIN_LENGTH"), "MAX_LENGTH", whole(given, "MAX_LENGTH"), "DEFAULT_VALUE", orText(given, "DEFAULT_VALUE"))
	case typeInteger:
		return php.Object("SIZE", fieldSize(given), "MIN_VALUE", whole(given, "MIN_VALUE"), "MAX_VALUE", whole(given, "MAX_VALUE"), "DEFAULT_VALUE", usualWhole(given))
	case typeDouble:
		return php.Object("PRECISION", between(given, "PRECISION", 0, mostPlaces), "SIZE", fieldSize(given), "MIN_VALUE", fraction(given, "MIN_VALUE"),
			"MAX_VALUE", fraction(given, "MAX_VALUE"), "DEFAULT_VALUE", usualFraction(given))
	case typeBoolean:
		labels := given.Inner("LABEL")
		return php.Object("DEFAULT_VALUE", onlyOne(given, "DEFAULT_VALUE"), "DISPLAY", oneOf(given, "DISPLAY", "CHECKBOX RADIO DROPDOWN"),
			"LABEL", php.List(labels.Text("0"), labels.Text("1")), "LABEL_CHECKBOX", given.Text("LABEL_CHECKBOX"))
	case typeEnumeration:
		return php.Object("DISPLAY", oneOf(given, "DISPLAY", "LIST CHECKBOX UI DIALOG"), "LIST_HEIGHT", between(given, "LIST_HEIGHT", 1, everything),
			"CAPTION_NO_VALUE", strings.TrimSpace(given.Text("CAPTION_NO_VALUE")), "SHOW_NO_VALUE", oneOf(given, "SHOW_NO_VALUE", "Y N"))
	case typeDate:
		return php.Object("DEFAULT_VALUE", usualMoment(given))
	case typeDateTime:
		return php.Object("DEFAULT_VALUE", usualMoment(given), "USE_SECOND", oneOf(given, "USE_SECOND", "Y N"), "USE_TIMEZONE", oneOf(given, "USE_TIMEZONE", "N Y"))
	case typeFile:
		return php.Object("SIZE", fieldSize(given), "LIST_WIDTH", whole(given, "LIST_WIDTH"), "LIST_HEIGHT", whole(given, "LIST_HEIGHT"),
			"MAX_SHOW_SIZE", whole(given, "MAX_SHOW_SIZE"), "MAX_ALLOWED_SIZE", whole(given, "MAX_ALLOWED_SIZE"), "EXTENSIONS", extensions(given),
			"TARGET_BLANK", oneOf(given, "TARGET_BLANK", "Y N"), "DEFAULT_VIEW", nil)
	case "url":
		rows, ok := given.Get("ROWS")
		if !ok {
			rows = "1"
		}
		return php.Object("POPUP", oneOf(given, "POPUP", "Y N"), "SIZE", fieldSize(given), "MIN_LENGTH", whole(given, "MIN_LENGTH"),
			"MAX_LENGTH", whole(given, "MAX_LENGTH"), "DEFAULT_VALUE", orText(given, "DEFAULT_VALUE"), "ROWS", php.Number(php.Int(rows)))
	}
	return linkSettings(kind, given)
}

// linkSettings is typeSettings for the types whose values name something else.
func linkSettings(kind string, given *php.Array) *php.Array {
	switch kind {
	case "money":
		return php.Object("DEFAULT_VALUE", given.Text("DEFAULT_VALUE"))
	case "address":
		return php.Object("SHOW_MAP", oneOf(given, "SHOW_MAP", "Y N"))
	case "employee":
		v, _ := given.Get("DEFAULT_VALUE")
		users := php.NewArray()
		for _, one := range php.Several(v).All() {
			if php.IsNumeric(one) && php.Int(one) > 0 {
				users.Add(php.Number(php.Int(one)))
			}
		}
		return php.Object("DEFAULT_VALUE", users)
	case "crm_status":
		return php.Object("ENTITY_TYPE", given.Text("ENTITY_TYPE"))
	case "iblock_section", "iblock_element":
		return php.Object("DISPLAY", oneOf(given, "DISPLAY", "UI DIALOG LIST CHECKBOX"), "LIST_HEIGHT", between(given, "LIST_HEIGHT", 1, everything),
			"IBLOCK_ID", positive(given, "IBLOCK_ID"), "DEFAULT_VALUE", positive(given, "DEFAULT_VALUE"), "ACTIVE_FILTER", oneOf(given, "ACTIVE_FILTER", "N Y"))
	case "crm":
		types := php.Object()
		for name, v := range given.All() {
			if slices.Contains([]string{"LEAD", "CONTACT", "COMPANY", "DEAL", "ORDER", "SMART_INVOICE"}, name) || strings.HasPrefix(name, "DYNAMIC_") {
				types.Set(name, letter(v == "Y"))
			}
		}
		if !types.Contains(func(_ string, v any) bool { return v == "Y" }) {
			types.Set("LEAD", "Y")
		}
		return types
	}
	return php.NewArray()
}

// fieldSize returns the width of an input field.
//
//nolint:mnd // the bounds, and what a portal makes of a larger one
func fieldSize(given *php.Array) any {
	switch n := given.Int("SIZE"); {
	case n <= 1:
		return php.Number(20)
	case n > 255:
		return php.Number(225)
	default:
		return php.Number(n)
	}
}

// onlyOne returns 1 if it is given, and otherwise 0.
func onlyOne(given *php.Array, name string) any {
	if given.Int(name) == 1 {
		return php.Number(1)
	}
	return php.Number(0)
}

func whole(given *php.Array, name string) any { return php.Number(given.Int(name)) }

func between(given *php.Array, name string, low, high int) any {
	return php.Number(min(max(low, given.Int(name)), high))
}

func fraction(given *php.Array, name string) any {
	v, _ := given.Get(name)
	n, _ := php.ParseNumeric(php.FloatString(v))
	return n.Shortest()
}

// positive returns a number above 0, or the empty text.
func positive(given *php.Array, name string) any {
	if n := given.Int(name); n > 0 {
		return php.Number(n)
	}
	return ""
}

// oneOf returns a given word, or the first of words if it is none of them.
func oneOf(given *php.Array, name, words string) string {
	known := strings.Fields(words)
	if word := given.Text(name); slices.Contains(known, word) {
		return word
	}
	return known[0]
}

func orText(given *php.Array, name string) any {
	if v, ok := given.Isset(name); ok {
		return v
	}
	return ""
}

func usualWhole(given *php.Array) any {
	if v, ok := given.Isset("DEFAULT_VALUE"); ok && v != "" {
		return php.Number(php.Int(v))
	}
	return nil
}

func usualFraction(given *php.Array) any {
	if v, _ := given.Get("DEFAULT_VALUE"); php.IsNumeric(v) {
		return fraction(given, "DEFAULT_VALUE")
	}
	return nil
}

// usualMoment returns the time that a new record gets: a fixed one, that of the record, or none.
func usualMoment(given *php.Array) *php.Array {
	switch usual := given.Inner("DEFAULT_VALUE"); usual.Text("TYPE") {
	case "FIXED":
		return php.Object("TYPE", "FIXED", "VALUE", usual.Text("VALUE"))
	case "NOW":
		return php.Object("TYPE", "NOW", "VALUE", "")
	}
	return php.Object("TYPE", "NONE", "VALUE", "")
}

// extensions returns the kinds of files that a field takes.
func extensions(given *php.Array) *php.Array {
	all := php.NewArray()
	v, _ := given.Get("EXTENSIONS")
	list, isArray := v.(*php.Array)
	if !isArray {
		list = php.NewArray()
		for name := range strings.SplitSeq(php.Text(v), ",") {
			list.Set(name, true)
		}
	}
	for name, one := range list.All() {
		if one != true {
			name = php.Text(one)
		}
		if name = strings.TrimSpace(name); name != "" {
			all.Set(name, true)
		}
	}
	return all
}
