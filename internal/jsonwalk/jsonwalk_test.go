package jsonwalk_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/jsonwalk"
)

// On JSON the walk sees what encoding/json sees; on other text it ends.
func FuzzWalk(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\\"}],"c":{"d":null}}`))
	f.Add([]byte(`[1,"]",{}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		members, elements := map[string]json.RawMessage{}, []json.RawMessage{}
		isObject := jsonwalk.Members(text, func(name, value []byte) bool {
			var key string
			if json.Unmarshal(name, &key) == nil {
				members[key] = value
			}
			return true
		})
		isArray := jsonwalk.Elements(text, func(value []byte) bool {
			elements = append(elements, value)
			return true
		})
		var object map[string]json.RawMessage
		if json.Unmarshal(text, &object) == nil && object != nil {
			assert.True(t, isObject)
			assert.Equal(t, object, members)
		}
		var array []json.RawMessage
		if json.Unmarshal(text, &array) == nil && array != nil {
			assert.True(t, isArray)
			assert.Equal(t, array, elements)
		}
	})
}
