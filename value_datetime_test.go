package b24_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// decodedTime is what a spelling of a moment must come to.
type decodedTime struct {
	json  string
	want  string // in RFC 3339 with nanoseconds
	zoned bool
}

func TestDateTimeDecode(t *testing.T) {
	t.Parallel()
	spellings := []decodedTime{
		{`"2024-08-30T02:00:00+03:00"`, "2024-08-30T02:00:00+03:00", true},
		{`"2024-08-30T02:00:00-09:30"`, "2024-08-30T02:00:00-09:30", true},
		{`"2024-08-30T02:00:00+00:00"`, "2024-08-30T02:00:00Z", true},
		{`"2024-08-30T02:00:00-00:00"`, "2024-08-30T02:00:00Z", true},
		{`"2024-08-30T02:00:00Z"`, "2024-08-30T02:00:00Z", true},
		{`"2024-08-30t02:00:00z"`, "2024-08-30T02:00:00Z", true},
		{`"2024-08-30T02:00:00+0300"`, "2024-08-30T02:00:00+03:00", true},
		{`"2024-08-30 02:00:00 +03"`, "2024-08-30T02:00:00+03:00", true},
		{`"2024-08-30T02:00:00.123456+03:00"`, "2024-08-30T02:00:00.123456+03:00", true},
		{`"2024-08-30T02:00:00,5Z"`, "2024-08-30T02:00:00.5Z", true},
		{`"2024-08-30T02:00:00.1234567899Z"`, "2024-08-30T02:00:00.123456789Z", true},
		{`"2024-08-30T02:00+03:00"`, "2024-08-30T02:00:00+03:00", true},
		{`" 2024-08-30T02:00:00+03:00 "`, "2024-08-30T02:00:00+03:00", true},
		{`"2024-08-30T02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"2024-08-30 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"2024-08-30 02:00"`, "2024-08-30T02:00:00Z", false},
		{`"2024-08-30"`, "2024-08-30T00:00:00Z", false},
		{`"30.08.2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"30.08.2024"`, "2024-08-30T00:00:00Z", false},
		{`"3.8.2024"`, "2024-08-03T00:00:00Z", false},
		{`"30-08-2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"2024/08/30 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"08/30/2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"08\/30\/2024 02:00:00 pm"`, "2024-08-30T14:00:00Z", false},
		{`"08/03/2024 02:00:00"`, "2024-08-03T02:00:00Z", false},
		{`"30/08/2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"08/30/2024 12:00:00 am"`, "2024-08-30T00:00:00Z", false},
		{`"08/30/2024 12:00:00 PM"`, "2024-08-30T12:00:00Z", false},
		{`"08/30/2024 1:05am"`, "2024-08-30T01:05:00Z", false},
		{`"Fri Aug 30 2024 02:00:00"`, "2024-08-30T02:00:00Z", false},
		{`"Sun Feb 4 2024 02:00:00"`, "2024-02-04T02:00:00Z", false},
		{`"2024-02-29"`, "2024-02-29T00:00:00Z", false},
		{`1724976000`, "2024-08-30T00:00:00Z", true},
		{`"1724976000"`, "2024-08-30T00:00:00Z", true},
		{`1724976000.25`, "2024-08-30T00:00:00.25Z", true},
		{`-1.5`, "1969-12-31T23:59:58.5Z", true},
		{`1.724976e9`, "2024-08-30T00:00:00Z", true},
		{`0`, "1970-01-01T00:00:00Z", true},
		{`253402300799`, "9999-12-31T23:59:59Z", true},
	}
	for _, c := range codecs() {
		for _, s := range spellings {
			got := b24.DateTime{Time: time.Unix(5, 0)}
			if assert.NoError(t, c.unmarshal([]byte(s.json), &got), s.json) {
				assert.Equal(t, s.want, got.Format(time.RFC3339Nano), s.json)
				assert.Equal(t, s.zoned, got.HasZone(), s.json)
			}
		}
	}
}

func TestDateTimeDecodeNone(t *testing.T) {
	t.Parallel()
	none := []string{
		`null`, `""`, `" "`, `false`, `[]`, `{}`, `"0000-00-00"`, `"0000-00-00 00:00:00"`, `"00.00.0000 00:00:00"`,
		`"-0001-11-30T00:00:00+02:30"`, `"0001-01-01T00:00:00Z"`,
	}
	for _, text := range none {
		checkSpellings(t, b24.DateTime{Time: time.Unix(5, 0)}, []spelling[b24.DateTime]{{text, b24.DateTime{}}})
		checkSpellings(t, b24.Null[b24.DateTime]{Valid: true}, []spelling[b24.Null[b24.DateTime]]{{text, b24.Null[b24.DateTime]{}}})
	}
}

func TestDateTimeRefuses(t *testing.T) {
	t.Parallel()
	checkRefused(t, "DateTime", b24.DateTime{Time: time.Unix(5, 0).UTC()},
		`"abc"`, `"2024-"`, `"2024-13-01"`, `"2024-02-30"`, `"2023-02-29"`, `"2024-00-10"`, `"2024-01-00"`, `"15-05"`,
		`"24-01-02"`, `"2024-01.02"`, `"2024-01-02-03"`, `"2024-01-02T"`, `"2024-01-02T24:00:00"`, `"2024-01-02T10"`,
		`"2024-01-02T10:60:00"`, `"2024-01-02T10:00:60"`, `"2024-01-02T10:0:00"`, `"2024-01-02T10:00:0"`, `"2024-01-02T10:00:00."`,
		`"2024-01-02T10:00:00+"`, `"2024-01-02T10:00:00+3"`, `"2024-01-02T10:00:00+03:"`, `"2024-01-02T10:00:00+03:0"`,
		`"2024-01-02T10:00:00+24:00"`, `"2024-01-02T10:00:00+03:60"`, `"2024-01-02T10:00:00Zx"`, `"2024-01-02T10:00:00 MSK"`, `"2024-01-02T10:00:00 xm"`,
		`"01/02/2024 13:00:00 pm"`, `"01/02/2024 00:00:00 am"`, `"13/13/2024"`, `"10:00:00"`, `"Wed Foo 11 2024 17:59:00"`,
		`1733932740000`, `253402300800`, `1e30`, `-1e30`, `true`, `[1]`, `{"a":1}`)
}

func TestDateTimeEncode(t *testing.T) {
	t.Parallel()
	lmt := time.FixedZone("LMT", 2*3600+30*60+17)
	moscow := time.FixedZone("", 3*3600)
	moments := []struct {
		time time.Time
		want string
	}{
		{time.Date(2024, 8, 30, 2, 0, 0, 999, moscow), `"2024-08-30T02:00:00+03:00"`},
		{time.Date(2024, 8, 30, 2, 0, 0, 0, time.FixedZone("", -9*3600-1800)), `"2024-08-30T02:00:00-09:30"`},
		{time.Date(2024, 8, 30, 2, 0, 0, 0, time.UTC), `"2024-08-30T02:00:00+00:00"`},
		{time.Date(1880, 1, 1, 2, 30, 17, 0, lmt), `"1880-01-01T00:00:00+00:00"`},
		{time.Date(2024, 1, 2, 1, 0, 0, 0, time.FixedZone("", 24*3600)), `"2024-01-01T01:00:00+00:00"`},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, moscow), `"9999-12-31T23:59:59+03:00"`},
		{time.Time{}, `""`},
	}
	for _, m := range moments {
		d := b24.DateTime{Time: m.time}
		checkEncoded(t, d, m.want)
		checkEncoded(t, &d, m.want)

		text, err := d.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, m.want, `"`+string(text)+`"`)
	}
	checkEncoded(t, map[b24.DateTime]int{{Time: moments[0].time}: 1}, `{"2024-08-30T02:00:00+03:00":1}`)
	checkEncoded(t, struct {
		D b24.DateTime `json:"d,omitzero"`
	}{}, `{}`)

	for _, year := range []int{-1, 10000} {
		_, err := json.Marshal(b24.DateTime{Time: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)})
		assert.ErrorContains(t, err, "b24: DateTime: year ")
	}
}

func TestDateTimeAppendText(t *testing.T) {
	t.Parallel()
	b, err := b24.DateTime{Time: time.Unix(0, 0).UTC()}.AppendText([]byte("at "))
	require.NoError(t, err)
	assert.Equal(t, "at 1970-01-01T00:00:00+00:00", string(b))

	b, err = b24.DateTime{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}.AppendText([]byte("at "))
	assert.Error(t, err)
	assert.Equal(t, "at ", string(b))
}

func TestDateTimeText(t *testing.T) {
	t.Parallel()
	var d b24.DateTime
	require.NoError(t, d.UnmarshalText([]byte("2024-08-30T02:00:00+03:00")))
	assert.Equal(t, "2024-08-30T02:00:00+03:00", d.Format(time.RFC3339))
	assert.EqualError(t, d.UnmarshalText([]byte("abc")), "b24: DateTime: cannot read abc")
	assert.False(t, d.IsZero())
	require.NoError(t, d.UnmarshalText(nil))
	assert.True(t, d.IsZero())
}

func TestDateTimeAssumeZone(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("", 3*3600)
	bare := decodeInto[b24.DateTime](t, codecs()[0], json.RawMessage(`"2024-08-30 02:00:00.5"`))
	require.False(t, bare.HasZone())

	there := bare.AssumeZone(moscow)
	assert.True(t, there.HasZone())
	assert.Equal(t, time.Date(2024, 8, 30, 2, 0, 0, 500_000_000, moscow), there.Time)
	assert.Equal(t, there, there.AssumeZone(time.UTC), "a known zone stays")
	assert.Equal(t, time.Date(2024, 8, 30, 2, 0, 0, 500_000_000, time.UTC), bare.AssumeZone(nil).Time)
	assert.True(t, b24.DateTime{}.AssumeZone(moscow).IsZero())
}

func TestDateTimeGob(t *testing.T) {
	t.Parallel()
	type row struct{ At b24.DateTime }
	want := row{b24.DateTime{Time: time.Date(2024, 8, 30, 2, 0, 0, 5, time.FixedZone("", 3*3600))}}

	var buf bytes.Buffer
	require.NoError(t, gob.NewEncoder(&buf).Encode(want))
	var got row
	require.NoError(t, gob.NewDecoder(&buf).Decode(&got))
	assert.True(t, want.At.Equal(got.At.Time))
}

func TestDateDecode(t *testing.T) {
	t.Parallel()
	day := b24.Date{Year: 2001, Month: time.November, Day: 11}
	checkSpellings(t, b24.Date{Year: 1}, []spelling[b24.Date]{
		{`"2001-11-11"`, day},
		{`"2001-11-11T02:00:00+02:00"`, day},
		{`"2001-11-11T00:00:00+14:00"`, day},
		{`"2001-11-11T23:59:59-12:00"`, day},
		{`"11.11.2001"`, day},
		{`"11.11.2001 00:00:00"`, day},
		{`"11\/11\/2001"`, day},
		{`"Sun Nov 11 2001 00:00:00"`, day},
		{`"2024-02-29"`, b24.Date{Year: 2024, Month: 2, Day: 29}},
		{`"2000-02-29"`, b24.Date{Year: 2000, Month: 2, Day: 29}},
		{`"12/24/2024"`, b24.Date{Year: 2024, Month: 12, Day: 24}},
		{`"24/12/2024"`, b24.Date{Year: 2024, Month: 12, Day: 24}},
		{`"0001-01-01"`, b24.Date{Year: 1, Month: 1, Day: 1}},
		{`"0000-00-00"`, b24.Date{}},
		{`"-0001-11-30T00:00:00+02:00"`, b24.Date{}},
		{`" "`, b24.Date{}},
		{`""`, b24.Date{}},
		{`null`, b24.Date{}},
		{`false`, b24.Date{}},
		{`[]`, b24.Date{}},
		{`{}`, b24.Date{}},
	})
	checkRefused(t, "Date", b24.Date{Year: 1}, `"2024-02-30"`, `"2023-02-29"`, `"1900-02-29"`, `"2024-04-31"`, `"2024-13-01"`,
		`"15-05"`, `"abc"`, `"2024-01-02T99"`, `"1724976000"`, `1724976000`, `0`, `true`, `["2024-01-01"]`)
}

func TestDateEncode(t *testing.T) {
	t.Parallel()
	day := b24.Date{Year: 814, Month: time.March, Day: 5}
	checkEncoded(t, day, `"0814-03-05"`)
	checkEncoded(t, b24.Date{}, `""`)
	checkEncoded(t, map[b24.Date]int{day: 1}, `{"0814-03-05":1}`)
	checkEncoded(t, struct {
		D b24.Date `json:"d,omitzero"`
	}{}, `{}`)
	assert.Equal(t, "0814-03-05", day.String())
	assert.Empty(t, b24.Date{}.String())

	for _, none := range []b24.Date{{2024, 2, 30}, {2024, 13, 1}, {2024, 0, 1}, {2024, 1, 0}, {10000, 1, 1}, {-1, 1, 1}, {2024, 0, 0}} {
		_, err := none.MarshalText()
		assert.ErrorContains(t, err, "b24: Date: there is no day ", "%v", none)
	}
}

func TestDateText(t *testing.T) {
	t.Parallel()
	var d b24.Date
	require.NoError(t, d.UnmarshalText([]byte("2024-12-26")))
	assert.Equal(t, b24.Date{Year: 2024, Month: 12, Day: 26}, d)
	assert.EqualError(t, d.UnmarshalText([]byte("abc")), "b24: Date: cannot read abc")
	require.NoError(t, d.UnmarshalText(nil))
	assert.True(t, d.IsZero())
}

func TestDateAndTime(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("", 3*3600)
	day := b24.Date{Year: 2024, Month: 12, Day: 26}

	assert.Equal(t, day, b24.DateOf(time.Date(2024, 12, 26, 1, 0, 0, 0, moscow)))
	assert.Equal(t, time.Date(2024, 12, 26, 0, 0, 0, 0, moscow), day.In(moscow))
	assert.Equal(t, time.Date(2024, 12, 26, 0, 0, 0, 0, time.UTC), day.In(nil))
	assert.True(t, b24.DateOf(time.Time{}).IsZero())
	assert.True(t, b24.Date{}.In(moscow).IsZero())
}

func BenchmarkDateTimeDecode(b *testing.B) {
	for _, text := range []string{
		"2025-02-05T09:06:19+02:00", "2025-02-05 09:06:19", "24.08.2023 13:19:39", "12/24/2024 05:59:00 pm", "Wed Dec 11 2024 17:59:00",
		"1733932740",
	} {
		b.Run(strings.ReplaceAll(text, " ", "_"), func(b *testing.B) {
			value := []byte(`"` + text + `"`)
			b.ReportAllocs()
			var d b24.DateTime
			for b.Loop() {
				if err := d.UnmarshalJSON(value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
