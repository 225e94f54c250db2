package php

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Time is PHP's strtotime: the point in time that a value describes, in whole seconds, in UTC. Words
// like tomorrow count from now. It knows the formats that programs write, not all of PHP's.
func Time(v any, now time.Time) (t time.Time, ok bool) {
	text := String(v)
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC().Truncate(time.Second), true
	}
	r, parts := timeReader{now: now.UTC()}, 0
	rest := strings.ToLower(strings.Trim(text, " \t\n\r\x00\v"))
	for rest != "" {
		if trimmed := strings.TrimLeft(rest, " ,\t."); trimmed != rest {
			rest = trimmed
			continue
		}
		n := r.token(rest)
		if n == 0 {
			return time.Time{}, false
		}
		rest = rest[n:]
		parts++
	}
	if parts == 0 {
		return time.Time{}, false
	}
	return r.time(), true
}

// IsTime reports whether PHP would read a value as a point in time.
func IsTime(v any) bool {
	text, ok := v.(string)
	if ok {
		_, ok = Time(text, time.Unix(0, 0))
	}
	return ok
}

// timeReader holds what the parts of a text say about a point in time.
type timeReader struct {
	now    time.Time
	unix   *int64
	zone   *time.Location // nil: UTC
	zones  int            // parts that name one
	dates  int            // parts with a date
	times  int            // parts with a time
	fixed  bool           // the time does not come from the clock
	year   int
	month  int
	day    int
	hour   int
	minute int
	second int
	add    moved
	end    string // the "first" or "last" day of the month
	to     *int   // the day of the week to go on to
}

// moved is what words add to a point in time.
type moved struct{ years, months, days, seconds int }

// timeForm is a form of a part of a text; the longest that matches counts.
type timeForm struct {
	pattern *regexp.Regexp
	read    func(r *timeReader, m []string) bool // false: the text is no time
}

const monthNames = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"

const dayNames = "sun(?:day)?|mon(?:day)?|tue(?:s|sday)?|wed(?:s|nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?"

const unitNames = "sec(?:ond)?s?|min(?:ute)?s?|hours?|days?|weeks?|fortnights?|months?|years?"

// timeForms returns the known forms. They are never changed.
var timeForms = sync.OnceValue(func() []timeForm { //nolint:gochecknoglobals // see above
	form := func(pattern string, read func(r *timeReader, m []string) bool) timeForm {
		return timeForm{pattern: regexp.MustCompile(`^(?:` + pattern + `)`), read: read}
	}
	const month, day = `(1[0-2]|0?[0-9])`, `(3[01]|[0-2]?[0-9])`
	const hour, minute, second = `(2[0-4]|[01]?[0-9])`, `([0-5]?[0-9])`, `(60|[0-5]?[0-9])`
	return []timeForm{
		form(`@(-?\d+)(?:\.\d+)?`, (*timeReader).readUnix),
		form(`(\d{4})-`+month+`-`+day, datePlaces(1, 2, 3)),
		form(`(\d{4})-`+month+`-`+day+`t`, datePlaces(1, 2, 3)),
		form(`(\d{4})/`+month+`/`+day, datePlaces(1, 2, 3)),
		form(month+`/`+day+`/(\d{4})\b`, datePlaces(3, 1, 2)),
		form(day+`[.\t-]`+month+`[.-](\d{4})\b`, datePlaces(3, 2, 1)),
		form(`(\d{4})(0[0-9]|1[0-2])([0-2][0-9]|3[01])(?:t|\b)`, datePlaces(1, 2, 3)),
		form(`(\d{4})-`+month, datePlaces(1, 2, 0)),
		form(day+`(?:st|nd|rd|th)?[ \t.-]*(`+monthNames+`)[ \t.-]*(\d{4})\b`, datePlaces(3, 2, 1)),
		form(`(`+monthNames+`)[ .\t-]*`+day+`(?:st|nd|rd|th)?[,.\t ]+(\d{4})\b`, datePlaces(3, 1, 2)),
		form(`(`+monthNames+`)[ .\t-]*(\d{4})\b`, datePlaces(2, 1, 0)),
		form(day+`(?:st|nd|rd|th)?[ \t.-]*(`+monthNames+`)\b`, datePlaces(-1, 2, 1)),
		form(`(`+monthNames+`)[ .\t-]*`+day+`(?:st|nd|rd|th)?\b`, datePlaces(-1, 1, 2)),
		form(`t?`+hour+`[:.]`+minute+`(?:[:.]`+second+`(?:[.,:]\d+)?)?`, (*timeReader).readTime),
		form(`(1[0-2]|0?[1-9])(?:[:.]`+minute+`)?(?:[:.]`+second+`)?[ \t]*([ap])\.?m\.?\b`, (*timeReader).readTime),
		form(`t(2[0-4]|[01][0-9])([0-5][0-9])(60|[0-5][0-9])?\b`, (*timeReader).readTime),
		form(`(2[0-4]|[01][0-9])([0-5][0-9])(60|[0-5][0-9])\b`, (*timeReader).readTime),
		form(`(\d{4})\b`, (*timeReader).readYear),
		form(`(now|today|midnight|noon|tomorrow|yesterday)\b`, (*timeReader).readWord),
		form(`([+-]?)[ \t]*(\d+)[ \t]*(`+unitNames+`|`+dayNames+`)\b`, (*timeReader).readMove),
		form(`(next|last|previous|this)[ \t]+(`+unitNames+`|`+dayNames+`)\b`, (*timeReader).readMove),
		form(`(ago)\b`, (*timeReader).readAgo),
		form(`(first|last) day of`, (*timeReader).readEnd),
		form(`(`+dayNames+`)\b`, (*timeReader).readWeekday),
		form(`\(?(?:gmt|utc)?([+-])(\d{1,2}):?(\d{2})?(?::?\d{2})?\)?`, (*timeReader).readOffset),
		form(`\(?([a-z]+/[a-z_]+(?:/[a-z_]+)?|[a-z]{1,6})\b\)?`, (*timeReader).readZone),
	}
})

// token reads the first part of a text and returns its length; 0 if it is no part of a time.
func (r *timeReader) token(text string) int {
	length := 0
	var found []string
	var form timeForm
	for _, f := range timeForms() {
		if m := f.pattern.FindStringSubmatch(text); m != nil && len(m[0]) > length {
			length, found, form = len(m[0]), m, f
		}
	}
	if length == 0 || !form.read(r, found) {
		return 0
	}
	return length
}

func (r *timeReader) readUnix(m []string) bool {
	n, err := strconv.ParseInt(m[1], 10, 64)
	r.unix = &n
	return err == nil
}

// datePlaces returns the reader of a form with the year, month and day in these groups; without a
// year it is this one, without a day the first.
func datePlaces(year, month, day int) func(r *timeReader, m []string) bool {
	return func(r *timeReader, m []string) bool {
		r.dates++
		r.year, r.day = r.now.Year(), 1
		if year > 0 {
			r.year, _ = strconv.Atoi(m[year])
		}
		if day > 0 {
			r.day, _ = strconv.Atoi(m[day])
		}
		if r.month = nameIndex("jan feb mar apr may jun jul aug sep oct nov dec", m[month]) + 1; r.month == 0 {
			r.month, _ = strconv.Atoi(m[month])
		}
		return r.dates == 1
	}
}

// nameIndex returns the place of a name among short ones; -1 if there is none.
func nameIndex(short, name string) int {
	return slices.IndexFunc(strings.Fields(short), func(s string) bool { return strings.HasPrefix(name, s) })
}

// readTime reads an hour, a minute, a second and, in the forms of 12 hours, a or p.
func (r *timeReader) readTime(m []string) bool {
	r.times++
	r.fixed = true
	r.hour, _ = strconv.Atoi(m[1])
	r.minute, _ = strconv.Atoi(m[2])
	r.second, _ = strconv.Atoi(m[3])
	if len(m) > 4 {
		r.hour %= 12
		if m[4] == "p" {
			r.hour += 12
		}
	}
	return r.times == 1
}

// readYear reads four digits: hours and minutes, or the year if there is a time already.
func (r *timeReader) readYear(m []string) bool {
	n, _ := strconv.Atoi(m[1])
	if hour, minute := n/100, n%100; r.times == 0 && hour <= 24 && minute < 60 {
		r.times, r.fixed, r.hour, r.minute = 1, true, hour, minute
		return true
	}
	if r.dates == 0 {
		r.month, r.day = int(r.now.Month()), r.now.Day()
	}
	r.dates, r.year = 1, n
	return true
}

func (r *timeReader) readWord(m []string) bool {
	switch m[1] {
	case "now":
		return true
	case "noon":
		r.hour = 12
	case "tomorrow":
		r.add.days++
	case "yesterday":
		r.add.days--
	}
	r.fixed = true
	return true
}

// readMove reads "+1 day", "next month" or "last friday".
func (r *timeReader) readMove(m []string) bool {
	n, unit := map[string]int{"next": 1, "last": -1, "previous": -1}[m[1]], m[len(m)-1]
	if len(m) == 4 {
		var err error
		if n, err = strconv.Atoi(m[1] + m[2]); err != nil {
			return false
		}
	}
	if day := weekdayOf(unit); day >= 0 && !strings.HasPrefix(unit, "month") {
		return r.moveTo(day, n)
	}
	switch nameIndex("sec min hour day week fortnight month year", unit) {
	case 0:
		r.add.seconds += n
	case 1:
		r.add.seconds += 60 * n
	case 2:
		r.add.seconds += 60 * 60 * n
	case 3:
		r.add.days += n
	case 4:
		r.add.days += 7 * n
	case 5:
		r.add.days += 14 * n
	case 6:
		r.add.months += n
	case 7:
		r.add.years += n
	}
	return true
}

// weekdayOf returns the number of a day of the week, Sunday being 0; -1 if it is none.
func weekdayOf(name string) int { return nameIndex("sun mon tue wed thu fri sat", name) }

// moveTo goes on to a day of the week, the nth one if n is not 0.
func (r *timeReader) moveTo(weekday, n int) bool {
	r.to, r.fixed = &weekday, true
	switch {
	case n > 0:
		r.add.days += 7*(n-1) + 1
	case n < 0:
		r.add.days += 7 * n
	}
	return true
}

func (r *timeReader) readAgo([]string) bool {
	r.add = moved{years: -r.add.years, months: -r.add.months, days: -r.add.days, seconds: -r.add.seconds}
	return true
}

func (r *timeReader) readEnd(m []string) bool {
	r.end = m[1]
	return true
}

func (r *timeReader) readWeekday(m []string) bool { return r.moveTo(weekdayOf(m[1]), 0) }

func (r *timeReader) readOffset(m []string) bool {
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi(m[3])
	offset := hours*60*60 + minutes*60
	if m[1] == "-" {
		offset = -offset
	}
	return r.setZone(time.FixedZone("", offset))
}

func (r *timeReader) readZone(m []string) bool {
	hours, ok := map[string]float64{
		"z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "msd": 4,
		"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
	}[m[1]]
	switch {
	case ok:
		return r.setZone(time.FixedZone("", int(hours*60*60)))
	case len(m[1]) == 1 && m[1] != "j":
		return r.setZone(time.FixedZone("", militaryHours(m[1][0])*60*60))
	case strings.Contains(m[1], "/"):
		parts := strings.FieldsFunc(m[1], func(c rune) bool { return c == '/' })
		for i, part := range parts {
			parts[i] = strings.ToUpper(part[:1]) + part[1:]
		}
		zone, err := time.LoadLocation(strings.Join(parts, "/"))
		return err == nil && r.setZone(zone)
	}
	return false
}

// militaryHours returns the offset of a zone with one letter.
func militaryHours(letter byte) int {
	switch {
	case letter < 'j':
		return int(letter-'a') + 1
	case letter < 'n':
		return int(letter - 'a')
	case letter < 'z':
		return -int(letter-'n') - 1
	}
	return 0
}

// setZone takes the first of two zones, as PHP does; a third one is an error.
func (r *timeReader) setZone(zone *time.Location) bool {
	if r.zones++; r.zones == 1 {
		r.zone = zone
	}
	return r.zones <= 2
}

// time returns the point in time.
func (r *timeReader) time() time.Time {
	if r.unix != nil {
		return time.Unix(*r.unix, 0).UTC()
	}
	zone := r.zone
	if zone == nil {
		zone = time.UTC
	}
	now := r.now.In(zone)
	if !r.fixed && r.dates == 0 {
		r.hour, r.minute, r.second = now.Clock()
	}
	if r.dates == 0 {
		r.year, r.month, r.day = now.Year(), int(now.Month()), now.Day()
	}
	month, day := r.month+r.add.months, r.day+r.add.days
	switch r.end {
	case "first":
		day = 1
	case "last":
		month, day = month+1, 0
	}
	t := time.Date(r.year+r.add.years, time.Month(month), day, r.hour, r.minute, r.second, 0, zone)
	if r.to != nil {
		const week = 7
		t = t.AddDate(0, 0, (*r.to-int(t.Weekday())+week)%week)
	}
	return t.Add(time.Duration(r.add.seconds) * time.Second).UTC()
}
