package b24test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// cast says how the methods of an entity take a value that is not of the type of its field.
type cast int

const (
	castNone     cast = iota // as it is
	castClassic              // by PHP's (int), (float) and (string)
	castRecord               // likewise; a flag is Y or N by the letter, else by PHP's idea of true
	castActivity             // likewise; a flag is Y or N by the letter, small ones too, else by its number
	castTask                 // likewise; a flag is Y for Y and true alone, and null says nothing
	castItem                 // likewise, but what PHP calls empty empties the field; a flag is Y for Y, y, the word true and true
)

// stores is what a write stores for a value of a field; keep is false where the portal leaves the field as it is.
func (s *store) stores(field string, v any) (value any, keep bool) {
	t, documented := s.fam.traits[field]
	switch {
	case s.fam.cast == castNone, !documented && !isUser(field) && !strings.HasPrefix(field, parentPrefix):
		return v, true
	case !documented && isUser(field):
		return s.custom(field, v), true
	case !documented:
		return wholeText(v), true
	case v == nil && s.fam.cast == castTask, t.moment && !isVoidMoment(s.fam.cast, v) && !isMoment(v):
		return nil, false
	case t.flag:
		return letter(s.fam.cast.flag(t, v)), true
	case s.fam.cast == castItem && !truthy(v) && v != "0" && !isNumber(v):
		return emptied(t), true
	}
	return t.stores(v), true
}

// stores is PHP's conversion to the type of a field.
func (t trait) stores(v any) any {
	switch {
	case t.several:
		return v
	case t.whole:
		return wholeText(v)
	case t.fraction:
		return fractionText(v)
	}
	return phpText(v)
}

func emptied(t trait) any {
	if t.several {
		return newArray()
	}
	return nil
}

// flag tells whether a value means Y.
func (c cast) flag(t trait, v any) bool {
	switch c {
	case castRecord:
		if v == "Y" || v == "N" || t.strict {
			return v == "Y"
		}
		return truthy(phpScalar(v))
	case castActivity:
		text := strings.ToUpper(phpText(v))
		return text == "Y" || intval(text) > 0
	case castTask:
		return v == "Y" || v == true
	case castItem:
		return v == "Y" || v == "y" || v == "true" || v == true
	case castNone, castClassic:
	}
	text := phpText(v)
	return text == "Y" || text == "1" || text == "true"
}

// letter is a flag as it is stored.
//
//nolint:revive // flag-parameter: it is the flag
func letter(yes bool) string {
	if yes {
		return "Y"
	}
	return "N"
}

// custom is what is stored for a value of a custom field. A portal knows its type; here rows tell it: one that held true is a flag, one that held a list
// holds several values.
func (s *store) custom(field string, v any) any {
	list, isArray := v.(*array)
	switch {
	case s.truths[field]:
		return v == "Y" || v == true || v == "1" || v == json.Number("1")
	case isArray, s.lists[field]:
		if !isArray {
			list = newArray()
			list.add(v)
		}
		return fullValues(list)
	case s.fam.cast == castItem && v == true:
		return true
	case s.fam.cast == castItem && !truthy(v) && v != "0" && !isNumber(v):
		return nil
	case v == nil, isBool(v):
		return phpText(v)
	}
	return v
}

// fullValues are the values of a list that are not empty; a portal says false where there is none.
func fullValues(list *array) any {
	full := newArray()
	for _, v := range list.all() {
		if v != nil && v != "" && v != false {
			full.add(v)
		}
	}
	if full.len() == 0 {
		return false
	}
	return full
}

// seededValue is what is stored for a value of a seeded row: true and false as the portal has them, all else as it is.
func (s *store) seededValue(field string, v any) any {
	yes, isBool := v.(bool)
	t, documented := s.fam.traits[field]
	switch {
	case !isBool, isUser(field):
		return v
	case t.flag:
		return letter(yes)
	case s.fam.texts != textAll && s.fam.aliases == nil:
		return v
	case documented:
		return t.stores(v)
	}
	return letter(yes)
}

// phpText is PHP's (string).
func phpText(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "1"
		}
		return ""
	case *array:
		return "Array"
	}
	return scalar(v)
}

// phpScalar is what becomes of null and of lists before a flag is looked at.
func phpScalar(v any) any {
	if v == nil || isArray(plain(v)) {
		return phpText(v)
	}
	return v
}

// wholeText is PHP's (int) as text.
func wholeText(v any) string {
	text := phpText(v)
	if _, ok := index(text); ok {
		return text
	}
	return strconv.Itoa(intval(v))
}

// fractionText is PHP's (float) as text: the number that the value begins with.
func fractionText(v any) string {
	text := strings.TrimSpace(phpText(v))
	for end := len(text); end > 0; end-- {
		if _, ok := parseNumber(text[:end]); ok {
			return text[:end]
		}
	}
	return "0"
}

func isBool(v any) bool {
	_, ok := v.(bool)
	return ok
}

func isNumber(v any) bool {
	_, ok := v.(json.Number)
	return ok
}

// isVoidMoment tells whether a value empties a field that holds a moment: to the older methods only the empty text does.
func isVoidMoment(c cast, v any) bool {
	return v == "" || c == castItem && !truthy(v)
}

// isMoment tells whether PHP would find a moment in a value.
func isMoment(v any) bool {
	text, ok := v.(string)
	return ok && (strings.ContainsFunc(text, isNumeral) ||
		slices.Contains([]string{"now", "today", "tomorrow", "yesterday", "midnight", "noon"}, strings.ToLower(text)))
}
