package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// UnmarshalJSON implements [json.Unmarshaler]. It reads a filter in any form that REST 3.0 accepts,
// including the short conditions [field,value] and [field,[values]], and refuses all others,
// including an object of the classic API. null leaves n unchanged, and so does an error.
func (n *Node) UnmarshalJSON(data []byte) error {
	if string(bytes.TrimSpace(data)) == "null" {
		return nil
	}
	parsed, err := parse(data, 0)
	if err != nil {
		return fmt.Errorf("filter: %w", err)
	}
	*n = parsed
	return nil
}

func parse(data []byte, depth int) (Node, error) {
	const deep = 100
	if depth > deep {
		return Node{}, errors.New("groups are nested too deeply")
	}
	switch shape(data) {
	case '[':
		return parseList(data, depth)
	case '{':
		return parseGroup(data, depth)
	default:
		return Node{}, fmt.Errorf("a condition is a list and a group an object, not %s", clip(data))
	}
}

// parseList parses a condition, or a list of nodes that must all be true. As on the portal, the
// first element determines which of the two it is.
func parseList(data []byte, depth int) (Node, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return Node{}, err
	}
	if len(parts) == 0 {
		return Node{}, nil
	}
	if first := shape(parts[0]); first == '"' || isExpression(parts[0]) {
		return parseCondition(parts)
	}
	nodes := make([]Node, len(parts))
	for i, part := range parts {
		node, err := parse(part, depth+1)
		if err != nil {
			return Node{}, err
		}
		nodes[i] = node
	}
	return And(nodes...), nil
}

// shell is the JSON object of a group.
type shell struct {
	Type       *string            `json:"type"`
	Logic      *string            `json:"logic"`
	Negative   bool               `json:"negative"`
	Conditions *[]json.RawMessage `json:"conditions"`
}

func parseGroup(data []byte, depth int) (Node, error) {
	var g shell
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&g); err != nil {
		return Node{}, fmt.Errorf("%s is not a group: %w", clip(data), err)
	}
	switch {
	case g.Conditions == nil:
		return Node{}, fmt.Errorf("%s is a group without conditions", clip(data))
	case g.Type == nil && depth > 0, g.Type != nil && *g.Type != "filter":
		return Node{}, fmt.Errorf(`%s is a group without "type":"filter"`, clip(data))
	}
	nodes := make([]Node, 0, len(*g.Conditions))
	for _, c := range *g.Conditions {
		node, err := parse(c, depth+1)
		if err != nil {
			return Node{}, err
		}
		nodes = append(nodes, node)
	}
	return g.node(nodes)
}

func (g shell) node(nodes []Node) (Node, error) {
	var n Node
	switch {
	case g.Logic == nil, *g.Logic == "and":
		n = And(nodes...)
	case *g.Logic == "or":
		n = Or(nodes...)
	default:
		return Node{}, fmt.Errorf("%q is not a valid logic of a group", *g.Logic)
	}
	if g.Negative {
		n = Not(n)
	}
	return n, n.err
}

func parseCondition(parts []json.RawMessage) (Node, error) {
	left, err := parseOperand(parts[0])
	if err != nil {
		return Node{}, err
	}
	operator, right := "=", parts[len(parts)-1]
	switch len(parts) {
	case 2:
		if shape(right) == '[' {
			operator = "in"
		}
	case 3:
		if json.Unmarshal(parts[1], &operator) != nil || !isOperator(operator) {
			return Node{}, fmt.Errorf("%q: %s is not an operator", left.name, clip(parts[1]))
		}
	default:
		return Node{}, fmt.Errorf("%q: a condition has two or three elements, not %d", left.name, len(parts))
	}
	n := compareRaw(left, operator, right)
	return n, n.err
}

func compareRaw(left operand, operator string, right json.RawMessage) Node {
	if operator == "in" || operator == "between" {
		return listRaw(left, operator, right)
	}
	if isExpression(right) {
		o, err := parseOperand(right)
		if err != nil {
			return left.refuse(operator, err)
		}
		return left.condition(operator, o.text)
	}
	switch shape(right) {
	case '[', '{':
		return left.refuse(operator, errors.New("the value is not a single value"))
	case 'n':
		return left.refuse(operator, errNil())
	}
	return left.condition(operator, compact(right))
}

func listRaw(left operand, operator string, right json.RawMessage) Node {
	var values []json.RawMessage
	if err := json.Unmarshal(right, &values); err != nil {
		return left.refuse(operator, errors.New("the values are not a list"))
	}
	if len(values) == 0 || operator == "between" && len(values) != 2 {
		return left.refuse(operator, fmt.Errorf("%d values are given", len(values)))
	}
	for _, v := range values {
		if s := shape(v); s == '[' || s == '{' || s == 'n' && operator == "between" {
			return left.refuse(operator, errors.New("an element of the list is not a single value"))
		}
	}
	if operator == "between" {
		return between(left, compact(values[0]), compact(values[1]))
	}
	return left.condition(operator, compact(right))
}

// parseOperand parses the name of a field, or a column or length.
func parseOperand(data []byte) (operand, error) {
	var field string
	if json.Unmarshal(data, &field) == nil {
		o := named(field)
		return o, o.err
	}
	var e struct {
		Expression string `json:"expression"`
		Parameters string `json:"parameters"`
	}
	if err := json.Unmarshal(data, &e); err != nil || e.Expression != "column" && e.Expression != "length" {
		return operand{}, fmt.Errorf("%s is not a field, a column or a length", clip(data))
	}
	o := expression(e.Expression, e.Parameters)
	return o.operand, o.err
}

func isExpression(data []byte) bool {
	var e struct {
		Expression json.RawMessage `json:"expression"`
	}
	return shape(data) == '{' && json.Unmarshal(data, &e) == nil && e.Expression != nil
}

func isOperator(s string) bool {
	return slices.Contains([]string{"=", "!=", ">", ">=", "<", "<=", "in", "between"}, s)
}

// shape returns the first byte of a JSON value.
func shape(data []byte) byte {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return 0
	}
	return data[0]
}

func compact(data []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, data) != nil {
		return string(data) // valid, because it was decoded before
	}
	return b.String()
}

// clip returns the beginning of a JSON value, for an error.
func clip(data []byte) string {
	const length = 40
	text := strings.ToValidUTF8(compact(data), "?")
	if len(text) > length {
		return strings.ToValidUTF8(text[:length], "") + "..."
	}
	return text
}
