package b24_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

// NULL is what says nothing; 0 and false say something.
func TestValuesForADatabase(t *testing.T) {
	t.Parallel()
	now := moment("2030-01-31T09:30:00+02:00")
	for name, test := range map[string]struct {
		value driver.Valuer
		want  any
	}{
		"no id":            {b24.ID(""), nil},
		"id 0":             {b24.ID("0"), "0"},
		"id":               {b24.ID("CO_1"), "CO_1"},
		"0":                {b24.Int(0), int64(0)},
		"number":           {b24.Int(-7), int64(-7)},
		"0.0":              {b24.Float(0), 0.0},
		"false":            {b24.Bool(false), false},
		"true":             {b24.Bool(true), true},
		"no money":         {b24.Money{}, nil},
		"only a currency":  {b24.Money{Currency: "EUR"}, nil},
		"money":            {b24.Money{Amount: "300.10", Currency: "EUR"}, "300.10|EUR"},
		"no day":           {b24.Date{}, nil},
		"day":              {b24.Date{Year: 2030, Month: 1, Day: 31}, "2030-01-31"},
		"no moment":        {b24.DateTime{}, nil},
		"moment":           {b24.DateTime{Time: now}, now},
		"no value":         {b24.Null[b24.Int]{}, nil},
		"0 is a value":     {b24.NullOf(b24.Int(0)), int64(0)},
		"false is a value": {b24.NullOf(false), false},
		"a valid empty id": {b24.NullOf(b24.ID("")), nil},
		"text":             {b24.NullOf("x"), "x"},
		"number of Go":     {b24.NullOf(uint8(3)), int64(3)},
		"moment in a null": {b24.NullOf(b24.DateTime{Time: now}), now},
	} {
		got, err := test.value.Value()
		require.NoError(t, err, name)
		assert.Equal(t, test.want, got, name)
	}
	var unzoned b24.DateTime
	require.NoError(t, unzoned.UnmarshalText([]byte("31.01.2030 09:30:00")))
	for want, value := range map[string]driver.Valuer{
		"AssumeZone":  unzoned,
		"no day":      b24.Date{Year: 2030, Month: 2, Day: 30},
		"holds a |":   b24.Money{Amount: "1|2"},
		"b24: Null: ": b24.NullOf(struct{ A int }{1}),
		"Null: b24":   b24.NullOf(unzoned),
	} {
		_, err := value.Value()
		require.ErrorContains(t, err, want)
	}
}

// scans is what a type makes of a value of a driver.
func scans[T any](t *testing.T, want T, srcs ...any) {
	t.Helper()
	for _, src := range srcs {
		var got T
		scanner, ok := any(&got).(sql.Scanner)
		require.True(t, ok)
		require.NoError(t, scanner.Scan(src), "%T %v", src, src)
		assert.Equal(t, want, got, "%T %v", src, src)
	}
}

func TestValuesFromADatabase(t *testing.T) {
	t.Parallel()
	scans[b24.ID](t, "", nil, "")
	scans[b24.ID](t, "12", "12", []byte("12"), int64(12))
	scans[b24.Int](t, 12, "12", []byte("12"), int64(12), 12.0)
	scans[b24.Float](t, 0.5, "0.5", []byte(".5"), 0.5)
	scans[b24.Bool](t, true, true, "Y", []byte("1"), int64(1))
	scans[b24.Bool](t, false, false, "N", int64(0))
	scans(t, b24.Money{}, nil, "")
	scans(t, b24.Money{Amount: "300", Currency: "EUR"}, "300|EUR")
	scans(t, b24.Money{Amount: "300"}, int64(300))
	scans(t, b24.Date{}, nil, "")
	scans(t, b24.Date{Year: 2030, Month: 1, Day: 31}, "2030-01-31", []byte("2030-01-31"), moment("2030-01-31T23:30:00+09:00"))
	scans(t, b24.DateTime{}, nil, "")
	scans(t, b24.DateTime{Time: moment("2030-01-31T09:30:00Z")}, moment("2030-01-31T09:30:00Z"), "2030-01-31T09:30:00Z", int64(1896082200))
	scans(t, b24.Null[b24.Int]{}, nil)
	scans(t, b24.NullOf(b24.Int(0)), int64(0), "0")
	scans(t, b24.NullOf(false), false)
	scans(t, b24.Null[b24.ID]{}, nil, "")
	scans(t, b24.NullOf("x"), "x", []byte("x"))
	scans(t, b24.Null[b24.DateTime]{}, nil)

	kept := b24.Int(5)
	for _, src := range []any{nil, "x", 1.5, true, time.Time{}, []int{1}} {
		require.Error(t, kept.Scan(src), "%v", src)
	}
	require.ErrorContains(t, kept.Scan(nil), "Null[Int]")
	require.ErrorContains(t, new(b24.Float).Scan(nil), "Null[Float]")
	require.ErrorContains(t, new(b24.Bool).Scan(nil), "Null[Bool]")
	assert.Equal(t, b24.Int(5), kept)
	null := b24.NullOf(b24.Int(5))
	require.Error(t, null.Scan("x"))
	assert.Equal(t, b24.NullOf(b24.Int(5)), null)
	_, sendable := any(b24.Secret{}).(driver.Valuer)
	assert.False(t, sendable, "a secret is stored only by whoever reveals it")
}

func TestNullAsText(t *testing.T) {
	t.Parallel()
	assert.Equal(t, " 0 false x 2030-01-31 ***", fmt.Sprint(b24.Null[b24.Int]{})+" "+fmt.Sprint(b24.NullOf(b24.Int(0)))+" "+
		fmt.Sprint(b24.NullOf(b24.Bool(false)))+" "+b24.NullOf("x").String()+" "+fmt.Sprintf("%v", b24.NullOf(b24.Date{Year: 2030, Month: 1, Day: 31}))+
		" "+fmt.Sprint(b24.NullOf(b24.NewSecret(marker))))
}

func TestIDIsSet(t *testing.T) {
	t.Parallel()
	for id, want := range map[b24.ID]bool{"": false, "0": false, "00": true, "1": true, "CO_1": true, "-1": true} {
		assert.Equal(t, want, id.IsSet(), id)
	}
}

func TestDateTimeOf(t *testing.T) {
	t.Parallel()
	assert.Zero(t, b24.DateTimeOf(time.Time{}))
	for given, want := range map[string]string{
		"2030-01-31T09:30:00.999999999+02:00": `"2030-01-31T09:30:00+02:00"`,
		"1969-12-31T23:59:59.5Z":              `"1969-12-31T23:59:59+00:00"`,
	} {
		d := b24.DateTimeOf(moment(given))
		text, err := json.Marshal(d)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
		assert.Zero(t, d.Nanosecond())
		assert.True(t, d.HasZone())
	}
}

// A day without separators is no moment of 1970.
func TestDayWithoutSeparators(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`"20241224"`, `20241224`, `" 20241224 "`} {
		var d b24.DateTime
		require.NoError(t, json.Unmarshal([]byte(text), &d))
		assert.Equal(t, "2024-12-24T00:00:00", d.Format("2006-01-02T15:04:05"), text)
		assert.False(t, d.HasZone())
	}
	var day b24.Date
	require.NoError(t, json.Unmarshal([]byte(`"20241224"`), &day))
	assert.Equal(t, b24.Date{Year: 2024, Month: 12, Day: 24}, day)
	for text, want := range map[string]string{"20241332": "1970-08-23", "12345678": "1970-05-23", "1735034400": "2024-12-24", "0": "1970-01-01"} {
		var d b24.DateTime
		require.NoError(t, json.Unmarshal([]byte(text), &d))
		assert.Equal(t, want, d.Format(time.DateOnly), text)
	}
}
