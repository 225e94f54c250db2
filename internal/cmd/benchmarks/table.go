package main

import (
	"fmt"
	"strconv"
	"strings"
)

// table is a table of the report.
type table struct {
	of      measurement
	rows    []row // the first is the baseline
	columns []column
}

// row is the values of a benchmark.
type row struct {
	benchmark, label string
}

// column has a head, and a text for each row.
type column struct {
	head string
	cell func(r *results, benchmark, baseline string) (string, error)
}

// head returns the header of the table.
func (t table) head() string {
	line, rule := "| |", "|---|"
	for _, c := range t.columns {
		line, rule = line+" "+c.head+" |", rule+"---:|"
	}
	return line + "\n" + rule + "\n"
}

func (t table) filled(r *results) (string, error) {
	var b strings.Builder
	b.WriteString(t.head())
	for _, row := range t.rows {
		b.WriteString("| " + row.label + " |")
		for _, c := range t.columns {
			cell, err := c.cell(r, row.benchmark, t.rows[0].benchmark)
			if err != nil {
				return "", err
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// value returns a column of medians.
func value(head, unit string, format func(float64) string) column {
	return column{head, func(r *results, benchmark, _ string) (string, error) {
		v, err := r.median(benchmark, unit)
		return format(v), err
	}}
}

// over returns a column of the differences between a median and that of the baseline.
func over(head, unit string, format func(float64) string) column {
	return column{head, func(r *results, benchmark, baseline string) (string, error) {
		return both(r, [2]string{benchmark, unit}, [2]string{baseline, unit}, func(own, base float64) string { return format(own - base) })
	}}
}

// ratio returns a column of ratios to the baseline.
func ratio(unit string) column {
	return column{"ratio", func(r *results, benchmark, baseline string) (string, error) {
		return quotient(r, [2]string{benchmark, unit}, [2]string{baseline, unit})
	}}
}

// ratioOf returns a column of the ratios of another benchmark to each benchmark.
func ratioOf(other, head, unit string) column {
	return column{head, func(r *results, benchmark, _ string) (string, error) {
		return quotient(r, [2]string{other, unit}, [2]string{benchmark, unit})
	}}
}

// ratioTo returns a column of the ratios of two values of a benchmark.
func ratioTo(head, unit, bound string) column {
	return column{head, func(r *results, benchmark, _ string) (string, error) {
		return quotient(r, [2]string{benchmark, unit}, [2]string{benchmark, bound})
	}}
}

func both(r *results, a, b [2]string, f func(a, b float64) string) (string, error) {
	left, err := r.median(a[0], a[1])
	if err != nil {
		return "", err
	}
	right, err := r.median(b[0], b[1])
	if err != nil {
		return "", err
	}
	return f(left, right), nil
}

// quotient returns the median of the ratios of the rounds: a temporary slowdown of the machine
// affects both values of a round.
func quotient(r *results, a, b [2]string) (string, error) {
	q, err := r.medianRatio(a, b)
	return places(q), err
}

// places formats q with enough decimal places to show a change by a tenth.
func places(q float64) string {
	const small = 0.1
	if q >= small {
		return strconv.FormatFloat(q, 'f', 2, 64)
	}
	return strconv.FormatFloat(q, 'f', 4, 64)
}

// nanoseconds formats a time in the most readable unit.
func nanoseconds(ns float64) string {
	const thousand = 1000
	units := []string{"ns", "µs", "ms", "s"}
	i := 0
	for ; i < len(units)-1 && ns >= thousand; i++ {
		ns /= thousand
	}
	return short(ns) + " " + units[i]
}

// inNanoseconds keeps the unit, for values that are compared with each other.
func inNanoseconds(ns float64) string { return grouped(ns) + " ns" }

func seconds(s float64) string {
	const places = 10
	if s < places {
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
	return grouped(s) + " s"
}

func mebibytes(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) + " MiB" }

func kibibytes(bytes float64) string {
	const kib = 1 << 10
	return strconv.FormatFloat(bytes/kib, 'f', 1, 64) + " KiB"
}

// short formats v with three digits.
func short(v float64) string {
	for places, bound := range []float64{10, 100} {
		if v < bound {
			return strconv.FormatFloat(v, 'f', 2-places, 64)
		}
	}
	return grouped(v)
}

// grouped formats an integer with a comma before every three digits.
func grouped(v float64) string {
	digits := fmt.Sprintf("%.0f", v)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
