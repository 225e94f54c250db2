package filter_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/filter"
)

// golden reads the JSON that filters must have, by name.
func golden(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.txt")
	require.NoError(t, err)
	want := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if name, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok && line[0] != '#' {
			want[name] = text
		}
	}
	return want
}

func built() map[string]filter.Node {
	east := time.FixedZone("", 3*60*60)
	west := time.FixedZone("", -(5*60+30)*60)
	isNew, high := filter.Eq("status", "NEW"), filter.Gt("id", 100)
	return map[string]filter.Node{
		"eq":                 isNew,
		"ne":                 filter.Ne("status", "DONE"),
		"gt":                 high,
		"ge":                 filter.Ge("priority", -1),
		"lt":                 filter.Lt("amount", 10.5),
		"le":                 filter.Le("amount", b24.Float(10)),
		"bool":               filter.Eq("isSeen", true),
		"flag":               filter.Eq("isSeen", b24.Bool(false)),
		"in":                 filter.In("id", 1, 2),
		"in one":             filter.In("status", "NEW"),
		"in slice":           filter.InSlice("id", []uint8{3, 2, 1}),
		"between":            filter.Between("id", 10, 20),
		"between backwards":  filter.Between("id", 20, 10),
		"between moments":    filter.Between("deadline", time.Date(2026, 3, 1, 0, 0, 0, 0, east), time.Date(2026, 3, 31, 23, 59, 59, 999, time.UTC)),
		"between from 0":     filter.Between("amount", 0.0, 100.0),
		"between to 0":       filter.Between("n", -5, json.Number("0")),
		"not between from 0": filter.Not(filter.Between("n", 0, 9)),
		"moment":             filter.Gt("changed", b24.DateTime{Time: time.Date(2026, 3, 1, 12, 30, 45, 5e8, west)}),
		"day":                filter.Eq("birthday", b24.Date{Year: 2026, Month: time.February, Day: 28}),
		"id":                 filter.Gt("id", b24.ID("CO_1")),
		"numeric id":         filter.Gt("id", b24.ID("12")),
		"column":             filter.Gt("changed", filter.Column("created")),
		"length":             filter.Length("title").Ge(10),
		"length of both":     filter.Length("a").Ne(filter.Length("b")),
		"text":               filter.Eq("title", "<a href=\"x\">'&'</a>\u2028я"),
		"empty text":         filter.Eq("title", ""),
		"and":                filter.And(isNew, high),
		"and of one":         filter.And(isNew),
		"or":                 filter.Or(isNew, high),
		"not a condition":    filter.Not(isNew),
		"not a group":        filter.Not(filter.Or(isNew, high)),
		"not not":            filter.Not(filter.Not(isNew)),
		"zero":               {},
		"and of zeros":       filter.And(filter.Node{}, filter.And(), filter.Node{}),
		"zeros left out":     filter.And(filter.Node{}, isNew, filter.And(), filter.Or(filter.Node{}, high)),
		"nested":             filter.And(isNew, filter.Or(filter.In("id", 1, 2), high)),
		"three levels": filter.Or(
			filter.Eq("a", 1),
			filter.And(filter.Eq("b", 2), filter.Not(filter.Or(filter.Eq("c", 3), filter.Eq("d", 4)))),
		),
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	want, nodes := golden(t), built()
	assert.Len(t, nodes, len(want))
	for name, node := range nodes {
		text, err := node.MarshalJSON()
		require.NoError(t, err, name)
		assert.Equal(t, want[name], string(text), name)
		assert.Equal(t, want[name], node.String(), name)
		assert.NoError(t, node.Err(), name)
	}
}

// What was built, read back and built again is the same, but for an And, whose list is as good as the And itself.
func TestReadBack(t *testing.T) {
	t.Parallel()
	for name, text := range golden(t) {
		var node filter.Node
		require.NoError(t, json.Unmarshal([]byte(text), &node), name)
		assert.Equal(t, text, node.String(), name)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	type self *self
	var loop self
	loop = &loop
	for want, node := range map[string]filter.Node{
		`"" =: the name of the field is empty`:                                                  filter.Eq("", 1),
		`" \t" in: the name of the field is empty`:                                              filter.In(" \t", 1),
		`"a\xff" =: the name of the field is not valid UTF-8`:                                   filter.Eq("a\xff", 1),
		`">id" =: the name of the field begins with an operator, as in the classic API`:         filter.Eq(">id", 1),
		`"a" in: value 2: nil is not a value to compare with`:                                   filter.In("a", 7, nil),
		`"a" =: nil is not a value to compare with`:                                             filter.Eq("a", nil),
		`"b" <: nil is not a value to compare with`:                                             filter.Lt("b", (*int)(nil)),
		`"c" !=: nil is not a value to compare with`:                                            filter.Ne("c", (*time.Time)(nil)),
		`"d" >: nil is not a value to compare with`:                                             filter.Gt("d", b24.Null[int]{}),
		`"e" between: nil is not a value to compare with`:                                       filter.Between("e", 1, nil),
		`"f" >=: the float64 NaN has no JSON form`:                                              filter.Ge("f", nan()),
		`"g" in: value 2: the float64 -Inf has no JSON form`:                                    filter.In("g", 1.5, -inf()),
		`"h" <=: a Go value of type chan int is not a single value`:                             filter.Le("h", make(chan int)),
		`"i" =: a Go value of type []int is not a single value`:                                 filter.Eq("i", []int{1}),
		`"j" in: a Go value of type []int is not a single value; use InSlice for a slice`:       filter.In("j", []int{1}),
		`"k" =: a Go value of type map[string]int is not a single value`:                        filter.Eq("k", map[string]int{}),
		`"l" =: a Go value of type []uint8 is not a single value`:                               filter.Eq("l", []byte("x")),
		`"m" =: a Go value of type struct {} is not a single value`:                             filter.Eq("m", struct{}{}),
		fmt.Sprintf(`"n" =: a Go value of type %T is not a single value`, json.RawMessage(nil)): filter.Eq("n", json.RawMessage(`[1]`)), // its name depends on Go's version
		`"o" =: a Go value of type filter.Node is not a single value`:                           filter.Eq("o", filter.Eq("p", 1)),
		`"q" in: value 2: a Go value of type filter.Operand is not a single value`:              filter.In("q", 1, filter.Column("r")),
		`"s" in: no values are given`:                                                           filter.InSlice("s", []int{}),
		`"t" =: the time.Time is zero`:                                                          filter.Eq("t", time.Time{}),
		`"u" =: the b24.DateTime is empty`:                                                      filter.Eq("u", b24.DateTime{}),
		`"v" =: the b24.Date is empty`:                                                          filter.Eq("v", b24.Date{}),
		`"w" =: the b24.ID is empty`:                                                            filter.Eq("w", b24.ID("")),
		`"x" =: year 10000 is outside 0 to 9999`:                                                filter.Eq("x", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)),
		`"y" =: the text is not valid UTF-8`:                                                    filter.Eq("y", "\xff"),
		`"z" =: the json.Number is empty`:                                                       filter.Eq("z", json.Number("")),
		`"" =: the name of the field is empty `:                                                 filter.Operand{}.Eq(1),
		`"A" =: the name of the field is empty`:                                                 filter.Eq("A", filter.Operand{}),
		`"B" =: the name of the field is empty`:                                                 filter.Eq("B", filter.Column("")),
		`"D" =: b24: Date: there is no day 2026-02-30`:                                          filter.Eq("D", b24.Date{Year: 2026, Month: 2, Day: 30}),
		`or: no alternative is given`:                                                           filter.Or(filter.Node{}),
		`not: no condition is given`:                                                            filter.Not(filter.And()),
		`not: no condition is given `:                                                           filter.And(filter.Eq("ok", 1), filter.Or(filter.Not(filter.Node{}), filter.Eq("", 1))),
	} {
		want = strings.TrimSuffix(want, " ")
		assert.EqualError(t, node.Err(), want)
		_, err := node.MarshalJSON()
		assert.EqualError(t, err, want)
		assert.Equal(t, "("+want+")", node.String())
		assert.False(t, node.IsZero(), "a broken condition must not be taken for none")
	}
	assert.ErrorContains(t, filter.Eq("loop", loop).Err(), `"loop" =: a Go value of type`)
}

// A value means the same behind a pointer, and where it may be missing.
func TestValuesBehindPointers(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	id, flag, number, moment := b24.ID("12"), b24.Bool(true), b24.Float(10), b24.DateTime{Time: at}
	for want, values := range map[string][]any{
		`12`:                          {b24.ID("12"), &id, b24.NullOf(id), new(b24.NullOf(&id))},
		`true`:                        {b24.Bool(true), &flag, b24.NullOf(flag), new(true)},
		`10.0`:                        {10.0, new(10.0), &number, b24.NullOf(number), sql.Null[float64]{V: 10, Valid: true}},
		`"2026-01-02T03:04:05+00:00"`: {at, &at, b24.NullOf(at), moment, &moment, stamp{at}, &stamp{at}},
		`"2026-01-02"`:                {b24.Date{Year: 2026, Month: 1, Day: 2}, &b24.Date{Year: 2026, Month: 1, Day: 2}},
		`"own"`:                       {&own{}},
	} {
		for _, v := range values {
			assert.Equal(t, `["f","=",`+want+`]`, filter.Eq("f", v).String(), "%T", v)
		}
	}
	require.ErrorContains(t, filter.Eq("f", b24.Null[b24.ID]{}).Err(), "nil is not a value")
}

// stamp has the spelling of the time in it, which REST 3.0 does not take.
type stamp struct{ time.Time }

// own is spelled by its pointer alone.
type own struct{ X int }

func (*own) MarshalText() ([]byte, error) { return []byte("own"), nil }

// PHP takes more spellings than one for nothing, and refuses them as a bound.
func TestBetweenBoundsThatAreZero(t *testing.T) {
	t.Parallel()
	for _, zero := range []any{0, 0.0, json.Number("0.00"), json.Number("0e3"), json.RawMessage("-0"), "0", "", false, uint8(0)} {
		text := filter.Between("n", zero, 5).String()
		assert.NotContains(t, text, "between", "%v", zero)
		assert.Contains(t, text, ">=", "%v", zero)
	}
	for _, bound := range []any{1, -1, 0.5, "a", "00", true} {
		assert.Contains(t, filter.Between("n", bound, 5).String(), "between", "%v", bound)
	}
}

func TestNothingChangesWhatIsBuilt(t *testing.T) {
	t.Parallel()
	number, list := 1, []int{1, 2}
	nodes := []filter.Node{filter.Eq("a", &number), filter.InSlice("b", list)}
	group := filter.And(nodes...)
	or := filter.Or(nodes...)
	const want = `[["a","=",1],["b","in",[1,2]]]`
	require.Equal(t, want, group.String())

	number, list[0], nodes[0] = 7, 7, filter.Eq("z", 7)
	_, _ = filter.Not(group), filter.Not(or)
	_ = filter.And(group, filter.Eq("c", 1))
	text, err := group.MarshalJSON()
	require.NoError(t, err)
	text[0] = 'x'

	assert.Equal(t, want, group.String())
	assert.JSONEq(t, `{"type":"filter","logic":"or","conditions":`+want+`}`, or.String())
}

func TestValues(t *testing.T) {
	t.Parallel()
	type text string
	type fraction float32
	inner := new(5)
	for want, value := range map[string]any{
		`"a"`:                         text("a"),
		`2.0`:                         fraction(2),
		`1e+21`:                       1e21,
		`-0.0`:                        negativeZero(),
		`18446744073709551615`:        uint64(1<<64 - 1),
		`9007199254740993`:            json.Number("9007199254740993"),
		`1.50`:                        json.Number("1.50"),
		`5`:                           &inner,
		`12`:                          b24.Int(12),
		`3`:                           b24.NullOf(3),
		`"2026-01-02T03:04:05+00:00"`: new(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)),
		`"2026-01-02T02:04:04+00:00"`: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3601)),
		`"<&>"`:                       json.RawMessage(`"<&>"`),
	} {
		assert.Equal(t, `["f","=",`+want+`]`, filter.Eq("f", value).String())
	}
}

func TestAsParameter(t *testing.T) {
	t.Parallel()
	params := b24.Params{"filter": filter.And(filter.Eq("a<b", "<"), filter.Or(filter.Eq("b", 2)))}

	text, err := json.Marshal(params)

	require.NoError(t, err)
	assert.JSONEq(t, `{"filter":[["a<b","=","<"],{"type":"filter","logic":"or","conditions":[["b","=",2]]}]}`, string(text))
	_, err = json.Marshal(b24.Params{"filter": []filter.Node{filter.Eq("amount", nan())}})
	assert.ErrorContains(t, err, `"amount" =: the float64 NaN`)

	var into struct {
		Filter filter.Node `json:"filter,omitzero"`
	}
	text, err = json.Marshal(into)
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, string(text))
}
