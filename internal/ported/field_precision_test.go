package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/internal/ported"
)

func TestSetPrecision(t *testing.T) {
	t.Parallel()
	_, hook := connect(t)
	label := map[string]string{"en": "Advance payment", "de": "Anzahlung"}
	id, err := ported.AddNumberField(t.Context(), hook, "ADVANCE", label, 2)
	require.NoError(t, err)
	assert.NotEmpty(t, id)

	_, err = hook.CallMethod(t.Context(), "userfieldconfig.update", b24.Params{
		"moduleId": "crm", "id": id, "field": b24.Params{"settings": b24.Params{"PRECISION": 2, "SIZE": 5}},
	})
	require.NoError(t, err)

	require.NoError(t, ported.SetPrecision(t.Context(), hook, "en", "Advance payment", 3))

	field, err := b24.Call[struct {
		Settings      b24.Map[any]
		EditFormLabel b24.Map[string]
	}](t.Context(), hook, "userfieldconfig.get", b24.Params{"moduleId": "crm", "id": id}, b24.WithResultKey("field"))
	require.NoError(t, err)
	assert.EqualValues(t, 3, field.Settings["PRECISION"])
	assert.EqualValues(t, 5, field.Settings["SIZE"], "other settings stay")
	assert.Equal(t, "Anzahlung", field.EditFormLabel["de"])
}

func TestSetPrecisionRefused(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	for range 2 {
		_, err := ported.AddNumberField(t.Context(), hook, "SAME", map[string]string{"en": "Same"}, 2)
		if err != nil { // the second code is taken
			_, err = ported.AddNumberField(t.Context(), hook, "SAME_2", map[string]string{"en": "Same"}, 2)
		}
		require.NoError(t, err)
	}

	require.ErrorContains(t, ported.SetPrecision(t.Context(), hook, "en", "same", 3), "0 number fields")
	require.ErrorContains(t, ported.SetPrecision(t.Context(), hook, "en", "Same", 3), "2 number fields")
	require.ErrorContains(t, ported.SetPrecision(t.Context(), hook, "en", "Same", 13), "between")
	assert.Zero(t, p.Calls("userfieldconfig.update"))
	_, err := ported.AddNumberField(t.Context(), hook, "lower", nil, 2)
	require.Error(t, err)
}
