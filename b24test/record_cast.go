package b24test

import (
	"encoding/json"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// cast describes how the methods of an entity convert a value that does not have the type of its
// field.
type cast int

const (
	castNone     cast = iota // unchanged
	castClassic              // by PHP's (int), (float) and (string)
	castRecord               // likewise; a flag is Y or N by the letter, otherwise by PHP's idea of true
	castActivity             // likewise; a flag is Y or N by the letter, in any letter case, otherwise by its number
	castTask                 // likewise; a flag is Y only for Y and true, and null is ignored
	castItem                 // likewise, but what PHP calls empty empties the field; a flag is Y for Y, y, the word true and true
)

// stores returns what a write stores for a value of a field; keep is false if the portal leaves the
// field unchanged.
func (s *store) stores(field string, v any) (value any, keep bool) {
	t, documented := s.fam.traits[field]
	if c := s.custom[field]; c != nil {
		return c.stores(s.fam.cast, v)
	}
	switch {
	case s.fam.cast == castNone, !documented && !isUser(field) && !strings.HasPrefix(field, parentPrefix):
		return v, true
	case !documented && isUser(field):
		return s.guessed(field, v), true
	case !documented:
		return php.IntString(v), true
	case v == nil && s.fam.cast == castTask:
		return nil, false
	case t.flag:
		return letter(s.fam.cast.flag(t, v)), true
	case s.fam.cast == castItem && !php.Truthy(v) && v != "0" && !isNumber(v):
		return emptied(t), true
	case t.moment && !isVoidMoment(s.fam.cast, v):
		return momentOf(v, s.isDay(field))
	}
	return t.stores(v), true
}

// stores converts a value to the type of a field as PHP does.
func (t trait) stores(v any) any {
	switch {
	case t.several:
		return v
	case t.whole:
		return php.IntString(v)
	case t.fraction:
		return php.FloatString(v)
	}
	return php.String(v)
}

func emptied(t trait) any {
	if t.several {
		return php.NewArray()
	}
	return nil
}

// flag reports whether a value means Y.
func (c cast) flag(t trait, v any) bool {
	switch c {
	case castRecord:
		if v == "Y" || v == "N" || t.strict {
			return v == "Y"
		}
		return php.Truthy(phpScalar(v))
	case castActivity:
		text := strings.ToUpper(php.String(v))
		return text == "Y" || php.Int(text) > 0
	case castTask:
		return v == "Y" || v == true
	case castItem:
		return v == "Y" || v == "y" || v == "true" || v == true
	case castNone, castClassic:
	}
	text := php.String(v)
	return text == "Y" || text == "1" || text == "true"
}

// letter returns a flag as it is stored.
//
//nolint:revive // flag-parameter: it is the flag
func letter(yes bool) string {
	if yes {
		return "Y"
	}
	return "N"
}

// guessed returns what is stored for a value of a custom field that was not defined. A portal knows
// its type; here the rows determine it: a field that held true is a flag, and one that held a list holds several
// values.
func (s *store) guessed(field string, v any) any {
	switch {
	case s.truths[field]:
		return v == "Y" || v == true || v == "1" || v == json.Number("1")
	case php.IsArray(v), s.lists[field]:
		return fullValues(php.Several(v))
	case s.fam.cast == castItem && v == true:
		return true
	case s.fam.cast == castItem && !php.Truthy(v) && v != "0" && !isNumber(v):
		return nil
	case v == nil, isBool(v):
		return php.String(v)
	}
	return v
}

// fullValues returns the values of a list that are not empty; a portal stores false if there are
// none.
func fullValues(list *php.Array) any {
	full := php.NewArray()
	for _, v := range list.All() {
		if v != nil && v != "" && v != false {
			full.Add(v)
		}
	}
	if full.Len() == 0 {
		return false
	}
	return full
}

// seededValue returns what is stored for a value of a seeded row: true and false as the portal has
// them, anything else unchanged.
func (s *store) seededValue(field string, v any) any {
	if c := s.custom[field]; c != nil {
		return c.seeds(v)
	}
	yes, isBool := v.(bool)
	t, documented := s.fam.traits[field]
	switch {
	case t.moment && s.fam.convertsMoments():
		return withoutFraction(v)
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

// phpScalar converts null and lists before a flag is read.
func phpScalar(v any) any {
	if v == nil || php.IsArray(v) {
		return php.String(v)
	}
	return v
}

func isBool(v any) bool {
	_, ok := v.(bool)
	return ok
}

func isNumber(v any) bool {
	_, ok := v.(json.Number)
	return ok
}

// isVoidMoment reports whether a value empties a time field: in the older methods only the empty
// text does.
func isVoidMoment(c cast, v any) bool {
	return v == "" || c == castItem && !php.Truthy(v)
}
