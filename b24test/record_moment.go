package b24test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// momentLayout is how the methods return points in time.
const momentLayout = "2006-01-02T15:04:05-07:00"

// isDay reports whether a field holds dates, without a time.
func (s *store) isDay(field string) bool {
	if c := s.custom[field]; c != nil {
		return c.Type == typeDate
	}
	kind, _ := documentedType(cmp.Or(s.fam.twin, s.fam.entity), field)
	return kind == typeDate
}

// momentOf returns a value as a portal in UTC stores it: in whole seconds, of a date its midnight;
// false if PHP cannot read it.
//
//nolint:revive // flag-parameter: dates and times differ in this only
func momentOf(v any, day bool) (string, bool) {
	if text, ok := v.(string); ok && !day && len(text) == len(momentLayout) && strings.HasSuffix(text, "+00:00") {
		if _, err := time.Parse(momentLayout, text); err == nil {
			return text, true
		}
	}
	t, ok := php.Time(v, time.Now())
	if !ok {
		return "", false
	}
	if day {
		t = t.Truncate(24 * time.Hour)
	}
	return t.Format(momentLayout), true
}

// withoutFraction returns the value of a seeded time field without a fraction of a second, which no
// row of a portal has. Its zone stays.
func withoutFraction(v any) any {
	text, ok := v.(string)
	if !ok || !strings.Contains(text, ".") {
		return v
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return v
	}
	return t.Truncate(time.Second).Format(momentLayout)
}

// seededMoments returns the value of a seeded custom field of times: false if it holds none of
// several.
func seededMoments(v any) any {
	list, several := v.(*php.Array)
	if !several {
		return withoutFraction(v)
	}
	return fullValues(list.Map(withoutFraction))
}

// convertsMoments reports whether the methods read times in a filter as PHP's strtotime does.
func (f *family) convertsMoments() bool { return f.cast != castNone }

// momentCondition makes a condition on a time field. A value that PHP cannot read counts as none,
// except in tasks.task.list, for which it is the year 1970.
func (l *level) momentCondition(op string, value any, of subject) error {
	day, unread := l.isDay(of.field), ""
	if l.fam.cast == castTask {
		unread = time.Unix(0, 0).UTC().Format(momentLayout)
	}
	read := func(v any) any {
		if text, ok := momentOf(v, day); ok {
			return text
		}
		return unread
	}
	list, several := value.(*php.Array)
	switch {
	case several:
		value = list.Map(read)
	case l.fam.cast != castTask || php.Truthy(value):
		value = read(value)
	}
	classic := l.fam.grammar.timeless && !isUser(of.field)
	op = momentOperator(op, classic)
	p, use, err := l.fam.grammar.engine(op, value, of)
	if !use || err != nil {
		return err
	}
	if bare := strings.TrimPrefix(op, "!"); isSize(bare) && blankMoment(value) {
		p.one, p.null = never, classic && !p.not
	}
	compared := p.one
	p.one = func(v any) bool {
		if text, ok := momentOf(v, day); ok {
			v = text
		}
		return compared(v)
	}
	l.list = append(l.list, condition{field: of.field, op: op, value: value, predicate: p})
	return nil
}

// momentOperator returns the operator that counts for a time field: there are no patterns of times,
// and an ORM finds no rows without a time by != and a time.
func momentOperator(op string, classic bool) string {
	not := strings.HasPrefix(op, "!")
	switch {
	case strings.ContainsAny(op, "%?*") && not, op == "!=" && !classic:
		return "!"
	case strings.ContainsAny(op, "%?*"):
		return "="
	}
	return op
}

// blankMoment reports whether a comparison by size has nothing to compare with.
func blankMoment(value any) bool {
	return slices.Contains(php.Several(value).Values(), any(""))
}
