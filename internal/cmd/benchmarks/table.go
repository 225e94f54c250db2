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

// row is what a benchmark measured.
type row struct {
	benchmark, label string
}

// column has a head, and a text for each row.
type column struct {
	head string
	cell func(r *results, benchmark, baseline string) (string, error)
}

// head is what stands above the rows.
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

// value is a column of medians.
func value(head, unit string, format func(float64) string) column {
	return column{head, func(r *results, benchmark, _ string) (string, error) {
		v, err := r.median(benchmark, unit)
		return format(v), err
	}}
}

// over is a column of what a median is above that of the baseline.
func over(head, unit string, format func(float64) string) column {
	return column{head, func(r *results, benchmark, baseline string) (string, error) {
		return both(r, [2]string{benchmark, unit}, [2]string{baseline, unit}, func(own, base float64) string { return format(own - base) })
	}}
}

// ratio is a column of ratios to the baseline.
func ratio(unit string) column {
	return column{"ratio", func(r *results, benchmark, baseline string) (string, error) {
		return quotient(r, [2]string{benchmark, unit}, [2]string{baseline, unit})
	}}
}

// ratioOf is a column of the ratios of another benchmark to each.
func ratioOf(other, head, unit string) column {
	return column{head, func(r *results, benchmark, _ string) (string, error) {
		return quotient(r, [2]string{other, unit}, [2]string{benchmark, unit})
	}}
}

// ratioTo is a column of the ratios of two values of a benchmark.
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

// quotient is the median of the ratios of each round: what slows the machine for a while
// meets both of a round.
func quotient(r *results, a, b [2]string) (string, error) {
	q, err := r.medianRatio(a, b)
	return places(q), err
}

// places are so many that a change by a tenth is seen.
func places(q float64) string {
	const small = 0.1
	if q >= small {
		return strconv.FormatFloat(q, 'f', 2, 64)
	}
	return strconv.FormatFloat(q, 'f', 4, 64)
}

// nanoseconds in the unit in which they are read best.
func nanoseconds(ns float64) string {
	const thousand = 1000
	units := []string{"ns", "µs", "ms", "s"}
	i := 0
	for ; i < len(units)-1 && ns >= thousand; i++ {
		ns /= thousand
	}
	return short(ns) + " " + units[i]
}

// inNanoseconds are not rounded to another unit: they are compared with each other.
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

// short has three places.
func short(v float64) string {
	for places, bound := range []float64{10, 100} {
		if v < bound {
			return strconv.FormatFloat(v, 'f', 2-places, 64)
		}
	}
	return grouped(v)
}

// grouped is a whole number with a comma before each three digits.
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
