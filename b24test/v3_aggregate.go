package b24test

import (
	"encoding/json"
	"math/big"
	"slices"

	"github.com/b24go/b24/b24test/internal/php"
)

// aggregate3 is a function of a field.
type aggregate3 struct{ function, field string }

// aggregateV3 answers *.aggregate (docs/protocol.md 9.6). Results are returned by field, whatever
// name was requested, and as text; null if no row has a value.
func aggregateV3(c call3) (any, error) {
	wanted, err := c.aggregateArg()
	if err != nil {
		return nil, err
	}
	filter, err := c.filterArg()
	if err != nil {
		return nil, err
	}
	out, rows := php.Object(), c.table.matching(filter)
	for _, w := range wanted {
		var values []any
		for _, r := range rows {
			if v := r.fields[w.field]; v != nil {
				values = append(values, v)
			}
		}
		byField := php.Object()
		if old, ok := out.Get(w.function); ok {
			byField, _ = old.(*php.Array)
		}
		byField.Set(w.field, aggregateOf3(w.function, values))
		out.Set(w.function, byField)
	}
	return Result{Value: php.Object("result", out), work: work{counted: true}}, nil
}

// aggregateArg reads the argument select: functions with a list of fields, or with a map of fields
// and other names for their results.
func (c call3) aggregateArg() ([]aggregate3, error) {
	v, ok := c.arg("select")
	if !ok {
		return nil, requiredField("select")
	}
	a, _ := v.(*php.Array)
	if a.Len() == 0 {
		return nil, phpErrorV3("Typed property AggregationSelectStructure::$items must not be accessed before initialization")
	}
	var wanted []aggregate3
	for function, list := range a.All() {
		for field, alias := range php.Several(list).All() {
			if isGroup(field) { // the keys of a list are numbers
				field = php.Text(alias)
			}
			if err := c.table.filterable(field); err != nil {
				return nil, err
			}
			if !slices.Contains([]string{"sum", "avg", "min", "max", "count", "countDistinct"}, function) {
				return nil, errorV3("UNKNOWNAGGREGATEFUNCTIONEXCEPTION", "Unknown aggregate function `"+function+"`")
			}
			wanted = append(wanted, aggregate3{function, field})
		}
	}
	return wanted, nil
}

// aggregateOf3 returns the result of a database for values, as text.
func aggregateOf3(function string, values []any) any {
	switch function {
	case "count":
		return php.Number(len(values)).String()
	case "countDistinct":
		values = slices.Clone(values)
		slices.SortFunc(values, compare)
		return php.Number(len(slices.CompactFunc(values, func(a, b any) bool { return compare(a, b) == 0 }))).String()
	}
	if len(values) == 0 {
		return nil
	}
	switch function {
	case "min":
		return php.Text(slices.MinFunc(values, compare))
	case "max":
		return php.Text(slices.MaxFunc(values, compare))
	}
	return totalOf3(function, values)
}

// totalOf3 returns a sum or an average, the latter with four digits more than the values have.
func totalOf3(function string, values []any) string {
	sum, digits := new(big.Rat), 0
	for _, v := range values {
		n, _ := v.(json.Number)
		r, ok := new(big.Rat).SetString(n.String())
		if !ok {
			continue // a database reads text as 0
		}
		sum.Add(sum, r)
		if places, exact := r.FloatPrec(); exact {
			digits = max(digits, places)
		}
	}
	if function == "avg" {
		sum.Quo(sum, new(big.Rat).SetInt64(int64(len(values))))
		digits += 4
	}
	return sum.FloatString(digits)
}
