package php_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test/internal/php"
)

func TestCasts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value     any
		text      string
		toString  string
		truthy    bool
		toInt     int
		toFloat   json.Number
		intText   string
		floatText string
	}{
		{nil, "", "", false, 0, "0", "0", "0"},
		{true, "true", "1", true, 1, "1", "1", "1"},
		{false, "false", "", false, 0, "0", "0", "0"},
		{"", "", "", false, 0, "0", "0", "0"},
		{"0", "0", "0", false, 0, "0", "0", "0"},
		{"0.0", "0.0", "0.0", true, 0, "0.0", "0", "0.0"},
		{" 12ab", " 12ab", " 12ab", true, 12, "12", "12", "12"},
		{"-1.5e1x", "-1.5e1x", "-1.5e1x", true, -1, "-1.5e1", "-1", "-1.5e1"},
		{json.Number("1.50"), "1.50", "1.50", true, 1, "1.50", "1", "1.50"},
		{json.Number("0.0"), "0.0", "0.0", false, 0, "0.0", "0", "0.0"},
		{php.NewArray(), "", "Array", false, 0, "0", "0", "0"},
		{php.List("a", "b"), "", "Array", true, 1, "1", "1", "0"},
	} {
		assert.Equal(t, c.text, php.Text(c.value), "text of %v", c.value)
		assert.Equal(t, c.toString, php.String(c.value), "string of %v", c.value)
		assert.Equal(t, c.truthy, php.Truthy(c.value), "truth of %v", c.value)
		assert.Equal(t, c.toInt, php.Int(c.value), "int of %v", c.value)
		assert.Equal(t, c.toFloat, php.Float(c.value), "float of %v", c.value)
		assert.Equal(t, c.intText, php.IntString(c.value), "int text of %v", c.value)
		assert.Equal(t, c.floatText, php.FloatString(c.value), "float text of %v", c.value)
	}
}

func TestIndex(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{"0": true, "7": true, "-7": true, "07": false, "+7": false, "": false, "a": false, "1.0": false, "-": false} {
		_, got := php.Index(key)
		assert.Equal(t, want, got, key)
	}
}

func TestNumeric(t *testing.T) {
	t.Parallel()
	big, ok := php.ParseNumeric("9007199254740993")
	require.True(t, ok)
	less, ok := php.ParseNumeric("9007199254740992")
	require.True(t, ok)
	assert.Equal(t, 1, big.Compare(less), "to a float they are one number")
	half, ok := php.ParseNumeric("100.00")
	require.True(t, ok)
	assert.Equal(t, json.Number("100"), half.Shortest())
	assert.True(t, php.IsNumeric(" 7 "))
	assert.True(t, php.IsNumeric(json.Number("7")))
	assert.False(t, php.IsNumeric("7a"))
	assert.False(t, php.IsNumeric(true))
}

func TestArrayKeepsTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	a := php.Object("b", "1", "a", "2", "B", "3")
	a.Set("b", "4")
	a.Add("5")
	assert.Equal(t, []any{"4", "2", "3", "5"}, a.Values())
	var keys []string
	for key := range a.All() {
		keys = append(keys, key)
	}
	assert.Equal(t, []string{"b", "a", "B", "0"}, keys)
	v, ok := a.Fold("B")
	assert.True(t, ok)
	assert.Equal(t, "3", v, "the last of two that differ in case")
	b := a.With("c", nil)
	b.Remove("a")
	assert.Equal(t, 4, a.Len())
	_, ok = b.Isset("c")
	assert.False(t, ok, "null is not set")
	v, ok = b.FirstSet("c", "a", "B")
	assert.True(t, ok)
	assert.Equal(t, "3", v)
}

func TestListsAndMaps(t *testing.T) {
	t.Parallel()
	gaps := php.NewArray()
	gaps.Set("1", "b")
	assert.False(t, gaps.IsList())
	gaps.Set("0", "a")
	assert.False(t, gaps.IsList(), "1 came before 0")
	sorted := php.NewArray()
	for _, key := range []string{"0", "1", "10", "2", "3", "4", "5", "6", "7", "8", "9"} {
		sorted.Set(key, key)
	}
	assert.True(t, sorted.IsList(), "the order of a Go map")
	sorted.Exact = true
	assert.False(t, sorted.IsList())
	assert.Equal(t, []any{"a"}, php.List("a").Plain())
	assert.Equal(t, map[string]any{}, php.Object().Plain())
	assert.Equal(t, "[]", string(php.AppendJSON(nil, php.Object())), "an empty map is []")
	assert.Same(t, sorted, php.Several(sorted))
	assert.Equal(t, []any{"x"}, php.Several("x").Values())
}

func TestANilArrayIsEmpty(t *testing.T) {
	t.Parallel()
	var a *php.Array
	assert.Zero(t, a.Len())
	assert.Empty(t, a.Values())
	assert.Nil(t, a.Inner("x"))
	assert.Empty(t, a.Text("x"))
	assert.Zero(t, a.Int("x"))
	_, ok := a.Fold("x")
	assert.False(t, ok)
	assert.False(t, a.Contains(func(string, any) bool { return true }))
}

func TestSplitURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][2]string{
		"a.b?c=1?d#e":   {"a.b", "c=1?d"},
		"http://a.b?c":  {"", "c"},
		"//a.b?c=1":     {"", "c=1"},
		"a\x01b?c\x7f=": {"a_b", "c_="},
	} {
		path, query := php.SplitURL(url)
		assert.Equal(t, want, [2]string{path, query}, url)
	}
}
