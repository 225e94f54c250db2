package b24test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlainValuesAreWhatTheirJSONSays(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{
		"text":      "a\"<é\u2028\x00/😀",
		"numbers":   map[string]any{"a": 0, "b": -7, "c": 1 << 30},
		"names":     map[string]any{"10": 1, "9": 2, "-1": 3, "01": 4, "": 5, "é": 6, "Z": 7, "a": 8, "\uffff": 9, "😀": 10},
		"nested":    map[string]any{"fields": map[string]any{"TITLE": "x", "OPENED": true, "NOTHING": nil, "EMPTY": map[string]any{}}},
		"nil map":   map[string]any(nil),
		"truth":     false,
		"nothing":   nil,
		"no plain":  map[string]any{"a": []string{"x"}, "b": 1.5},
		"bad text":  map[string]any{"a": "\xff"},
		"bad name":  map[string]any{"\xff": 1},
		"deep fail": map[string]any{"a": map[string]any{"b": []int{1}}},
	} {
		want, err := encodedPHP(v)
		require.NoError(t, err, name)
		got, err := toPHP(v)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
		assert.Equal(t, string(appendPHP(nil, want)), string(appendPHP(nil, got)), name)
	}
	_, ok := plainPHP(map[string]any{"a": "x", "b": 1})
	assert.True(t, ok)
	_, ok = plainPHP(map[string]any{"a": []string{"x"}})
	assert.False(t, ok)
}
