package filter

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Eq is field = value. A value, here and in the other conditions, is a text, a number, true or
// false, a [time.Time], a type that encodes itself as one of these (b24.DateTime, b24.Date), a
// pointer to or a b24.Null of one, or an [Operand]. It is read immediately, so later changes have
// no effect. With anything else, and with nil, NaN or the zero time, the condition cannot be
// encoded; see [Node.Err].
func Eq(field string, value any) Node { return compare(named(field), "=", value) }

// Ne is field != value.
func Ne(field string, value any) Node { return compare(named(field), "!=", value) }

// Gt is field > value.
func Gt(field string, value any) Node { return compare(named(field), ">", value) }

// Ge is field >= value.
func Ge(field string, value any) Node { return compare(named(field), ">=", value) }

// Lt is field < value.
func Lt(field string, value any) Node { return compare(named(field), "<", value) }

// Le is field <= value.
func Le(field string, value any) Node { return compare(named(field), "<=", value) }

// In is true if field has one of the values. No value may be nil or an [Operand]. For values in a
// slice, see [InSlice].
func In(field string, value any, more ...any) Node {
	if len(more) == 0 && reflect.ValueOf(value).Kind() == reflect.Slice && !marshals(value) {
		return named(field).refuse("in", fmt.Errorf("a Go value of type %T is not a single value; use InSlice for a slice", value))
	}
	return oneOf(named(field), append([]any{value}, more...))
}

// InSlice is [In] with the values of a slice. An empty one cannot be encoded: the portal refuses
// it.
func InSlice[T any](field string, values []T) Node {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return oneOf(named(field), list)
}

// Between is low <= field <= high, for numbers and moments. A bound must not be an [Operand]. The
// portal's own operator does not accept 0 as a bound, so such a Between is encoded as two
// conditions.
func Between(field string, low, high any) Node {
	left := named(field)
	texts, err := encodeList([]any{low, high})
	if err != nil {
		return left.refuse("between", err)
	}
	return between(left, texts[0], texts[1])
}

func between(left operand, low, high string) Node {
	switch {
	case low == "null" || high == "null":
		return left.refuse("between", errNil())
	case isZero(low) || isZero(high):
		return And(left.condition(">=", low), left.condition("<=", high))
	}
	return left.condition("between", "["+low+","+high+"]")
}

// isZero reports whether PHP's empty() is true for a bound.
func isZero(text string) bool {
	if text == `"0"` || text == `""` || text == "false" {
		return true
	}
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n == 0
}

func oneOf(left operand, values []any) Node {
	if len(values) == 0 {
		return left.refuse("in", errors.New("no values are given"))
	}
	texts, err := encodeList(values)
	if nth := slices.Index(texts, "null"); nth >= 0 {
		err = fmt.Errorf("value %d: %w", nth+1, errNil())
	}
	if err != nil {
		return left.refuse("in", err)
	}
	return left.condition("in", "["+strings.Join(texts, ",")+"]")
}

func encodeList(values []any) ([]string, error) {
	texts := make([]string, len(values))
	for i, v := range values {
		text, err := encode(v)
		if err != nil {
			return nil, fmt.Errorf("value %d: %w", i+1, err)
		}
		texts[i] = text
	}
	return texts, nil
}

func compare(left operand, operator string, value any) Node {
	if o, ok := value.(Operand); ok {
		right := o.side()
		if right.err != nil {
			return left.refuse(operator, right.err)
		}
		return left.condition(operator, right.text)
	}
	text, err := encode(value)
	if err == nil && text == "null" {
		err = errNil()
	}
	if err != nil {
		return left.refuse(operator, err)
	}
	return left.condition(operator, text)
}

func errNil() error { return errors.New("nil is not a value to compare with") }

// operand is one side of a condition.
type operand struct {
	name string // name of the field, for errors
	text string // JSON
	err  error
}

func named(field string) operand {
	return operand{name: field, text: quote(field), err: checkField(field)}
}

// checkField refuses names that no portal knows. An operator at the front is a habit from the
// classic API.
func checkField(field string) error {
	switch {
	case strings.TrimSpace(field) == "":
		return errors.New("the name of the field is empty")
	case !utf8.ValidString(field):
		return errors.New("the name of the field is not valid UTF-8")
	case strings.ContainsRune("=!<>%@", rune(field[0])):
		return errors.New("the name of the field begins with an operator, as in the classic API")
	}
	return nil
}

func (o operand) condition(operator, value string) Node {
	if o.err != nil {
		return o.refuse(operator, o.err)
	}
	return Node{kind: condition, text: "[" + o.text + "," + quote(operator) + "," + value + "]"}
}

func (o operand) refuse(operator string, err error) Node {
	if o.err != nil {
		err = o.err
	}
	return Node{kind: condition, err: fmt.Errorf("%s %s: %w", strconv.Quote(o.name), operator, err)}
}

// Operand is a column or a length in a condition, created by [Column] or [Length]. Use it instead
// of a value in [Eq], [Ne], [Gt], [Ge], [Lt] and [Le], or instead of the field with its methods.
// The zero Operand cannot be encoded.
type Operand struct {
	operand
}

// Column is the value of another field of the same row.
func Column(field string) Operand { return expression("column", field) }

// Length is the length of the text in a field of the same row.
func Length(field string) Operand { return expression("length", field) }

func expression(name, field string) Operand {
	o := named(field)
	o.text = `{"expression":` + quote(name) + `,"parameters":` + o.text + `}`
	return Operand{o}
}

// Eq is o = value.
func (o Operand) Eq(value any) Node { return compare(o.side(), "=", value) }

// Ne is o != value.
func (o Operand) Ne(value any) Node { return compare(o.side(), "!=", value) }

// Gt is o > value.
func (o Operand) Gt(value any) Node { return compare(o.side(), ">", value) }

// Ge is o >= value.
func (o Operand) Ge(value any) Node { return compare(o.side(), ">=", value) }

// Lt is o < value.
func (o Operand) Lt(value any) Node { return compare(o.side(), "<", value) }

// Le is o <= value.
func (o Operand) Le(value any) Node { return compare(o.side(), "<=", value) }

func (o Operand) side() operand {
	if o.text == "" {
		return named("")
	}
	return o.operand
}
