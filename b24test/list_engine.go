package b24test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// subject is the field of a condition.
type subject struct {
	field string
	kind  kind
}

// engine is the code of a portal that converts a condition to SQL; use is false if the condition is
// dropped.
type engine func(op string, value any, of subject) (p predicate, use bool, err error)

// reading is how a method converts a value before the code behind it sees it; use is false if
// nothing is left of the condition.
type reading func(value any, of subject) (v any, use bool)

var (
	errSQL     = errors.New("the database refuses the query")
	errFatal   = errors.New("PHP fails")
	errNothing = errors.New("the method gives no rows and no error")
)

// answered returns what a caller sees of such an error.
func (f *family) answered(err error) error {
	e := &b24.Error{Code: "400", Description: "Mysql query error: (1064) You have an error in your SQL syntax", Status: http.StatusBadRequest}
	switch {
	case errors.Is(err, errSQL) && !f.checked:
		e.Code, e.Description, e.Status = "ERROR_CORE", "SQL query error!", http.StatusInternalServerError
	case errors.Is(err, errFatal):
		e.Code, e.Description = "0", "Call to a member function compile() on string"
		if !f.checked {
			e.Code, e.Status = "INTERNAL_SERVER_ERROR", http.StatusInternalServerError
		}
	case !errors.Is(err, errSQL):
		return err
	}
	return e
}

// classicSQL is the engine of the older CRM methods: of several values one is enough whatever the
// operator, an empty list is no condition, and a pattern cannot be negated. Custom fields have
// different code, and so have phones and the like.
//
// Behind the operator + a row without a value is enough, behind !+ it never is.
func classicSQL(op string, value any, of subject) (p predicate, use bool, err error) {
	before, rest, plus := strings.Cut(op, "+")
	switch {
	case plus && (isUser(of.field) || isMulti(of.field)):
		return p, false, nil
	case plus:
		p, use, err = classicSQL(before+rest, value, of)
		return p.orBlank(of.kind, use && !strings.Contains(rest, "*"), before == "!"), true, err
	case strings.Contains(op, "*"):
		return wordsSQL(op, value, of)
	case isUser(of.field) && op == "":
		p, use, err = ormSQL("=", value, of)
		return p, use && value != "", err
	case isUser(of.field):
		return ormSQL(op, value, of)
	case isMulti(of.field):
		return multiSQL(op, value)
	}
	op, p.not = strings.CutPrefix(op, "!")
	wants := wanted(value, of.kind)
	if p.bare = of.kind.isNumber(); p.bare {
		if strings.Contains(op, "%") {
			op = "="
		}
		if isSize(op) && php.IsArray(value) {
			wants = []any{php.Float(value)}
		}
	}
	if len(wants) == 0 {
		return p, false, nil
	}
	blank := slices.ContainsFunc(wants, of.kind.isBlank)
	switch op {
	case "@":
		p.one = isOneOf(wants)
	case "%", "?":
		p.one, p.not, p.null = isLike(wants, "%"), false, blank
	case "=%", "%=":
		p.one, p.not, p.null = isLike(wants, ""), false, blank
	case ">", "<":
		p.one, p.null = isAnyBy(op, wants), p.not
	default:
		p.one, p.null = isAnyBy(op, wants), blank != p.not
	}
	return p, true, nil
}

// wordsSQL is the engine for the search of words: *% finds texts with all words of a value. The other
// forms need an index that no field of a record has, numbers cannot be searched, and behind ! the
// condition is dropped.
func wordsSQL(op string, value any, of subject) (p predicate, use bool, err error) {
	switch {
	case of.kind.isNumber():
		return p, false, errSQL
	case op[0] == '!':
		return p, false, nil
	}
	var searches [][]string
	for _, v := range wanted(value, kindText) {
		words := strings.FieldsFunc(strings.ToLower(php.Text(v)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
		if len(words) > 0 {
			searches = append(searches, words)
		}
	}
	if len(searches) > 0 && op != "*%" {
		return p, false, errSQL
	}
	p.one = func(v any) bool {
		text := strings.ToLower(php.Text(v))
		return slices.ContainsFunc(searches, func(words []string) bool {
			return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
		})
	}
	return p, len(searches) > 0, nil
}

// multiSQL is the engine for phones and the like: they have no operators, and of several values the
// first counts.
func multiSQL(op string, value any) (p predicate, use bool, err error) {
	wants := wanted(value, kindText)
	if op != "" || len(wants) == 0 || wants[0] == "" {
		return p, false, nil
	}
	p.one = isOneOf(wants[:1])
	return p, true, nil
}

// ormSQL is the engine of the ORM: a comparison by size uses the first value, and nothing is equal
// to an empty list.
func ormSQL(op string, value any, of subject) (p predicate, use bool, err error) {
	list, several := value.(*php.Array)
	if of.kind == kindFlag && !several {
		value = normalFlag(value)
	}
	wants := wanted(value, of.kind)
	p.bare = of.kind.isNumber()
	switch op {
	case "><", "!><":
		if !several || len(wants) < 2 {
			return p, false, nil
		}
		p.one, p.not = isBetween(wants), op != "><"
		return p, true, nil
	case ">", ">=", "<", "<=":
		p.one = never
		if first, ok := list.Get("0"); ok {
			wants = wanted(first, of.kind)
		}
		if len(wants) > 0 {
			p.one = isBy(op, wants[0])
		}
		return p, true, nil
	case "@", "!@":
		switch {
		case of.kind == kindFloat:
			return p, false, errFatal
		case len(wants) == 0 && p.bare:
			return p, false, errSQL
		}
		p.one, p.not = isOneOf(orNothing(wants)), op != "@"
		return p, true, nil
	}
	if p.bare {
		return ormNumber(op, wants, several), op != "?", nil
	}
	return ormText(op, wants, several), true, nil
}

// ormNumber compares a number for equality. With an empty list a negation is true even for a row
// without a value.
func ormNumber(op string, wants []any, several bool) predicate {
	p := predicate{one: isOneOf(wants), bare: true}
	if p.not = strings.HasPrefix(op, "!"); p.not {
		p.null = several && len(wants) == 0
		return p
	}
	p.null = slices.ContainsFunc(wants, isZero)
	return p
}

// ormText compares a text for equality, or with a pattern.
func ormText(op string, wants []any, several bool) predicate {
	wants = orNothing(wants)
	empty := !several && wants[0] == ""
	p := predicate{one: isOneOf(wants), not: strings.HasPrefix(op, "!"), null: empty}
	if p.not {
		p.null = op == "!=" && !empty
	}
	switch op {
	case "%", "!%", "?":
		p.one = isLike(wants, "%")
	case "=%", "%=", "!=%", "!%=":
		p.one = isLike(wants, "")
	}
	return p
}

// orNothing returns a list of text values as it gets into SQL: an empty list becomes an empty text.
func orNothing(wants []any) []any {
	if len(wants) == 0 {
		return []any{""}
	}
	return wants
}

// normalFlag converts a value for a field that is Y or N as the ORM does.
func normalFlag(v any) any {
	switch s := php.Text(v); s {
	case "1", "true":
		return "Y"
	case "0", "false":
		return "N"
	}
	return v
}

// viewValue is the reading of the views of the catalog and of orders: of several whole numbers only
// those above 0 remain, and if none does, 1. Several numbers with a fraction become 1, and an empty
// list of them becomes 0.
func viewValue(value any, of subject) (v any, use bool) {
	list, several := value.(*php.Array)
	if !several {
		return value, true
	}
	switch of.kind {
	case kindFloat:
		return php.Float(list), true
	case kindNumber:
		above := php.NewArray()
		for _, v := range list.All() {
			if php.Int(v) > 0 {
				above.Add(v)
			}
		}
		if above.Len() > 0 {
			return above, true
		}
		return php.Number(1), true
	default:
		return value, true
	}
}

// userValue is the reading of user.get.
func userValue(value any, of subject) (v any, use bool) {
	list, several := value.(*php.Array)
	switch {
	case of.kind == kindFlag && php.Truthy(value) && php.Text(value) != "N":
		return "Y", true
	case of.kind == kindFlag:
		return "N", true
	case of.field == "ID" && several && list.Len() == 0:
		return php.Number(0), true
	}
	return value, true
}

// someValue is the reading of methods that drop a condition with an empty list.
func someValue(value any, _ subject) (v any, use bool) {
	list, several := value.(*php.Array)
	return value, !several || list.Len() > 0
}

// historySQL is the engine of crm.stagehistory.list, which requires a valid time.
func historySQL(op string, value any, of subject) (p predicate, use bool, err error) {
	if of.field == "CREATED_TIME" && !php.IsArray(value) && !looksLikeTime(toText(value)) {
		return p, false, badRequest("WRONG_DATETIME_FORMAT", "Wrong date format")
	}
	return ormSQL(op, value, of)
}

func looksLikeTime(s string) bool {
	return len(s) >= len("2006-01-02") && isDigit(s[0]) && strings.ContainsAny(s, "-.")
}
