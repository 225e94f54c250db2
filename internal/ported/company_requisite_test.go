package ported_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/internal/ported"
)

func TestCompanyFields(t *testing.T) {
	t.Parallel()
	_, hook := connect(t)

	presets, fields, err := ported.CompanyFields(t.Context(), hook)

	require.NoError(t, err)
	assert.Contains(t, presets, ported.Preset{ID: "1", Name: "Organization"})
	assert.Contains(t, fields, "CITY")
	assert.NotContains(t, fields, "ENTITY_ID")
	assert.False(t, fields["CITY"].IsRequired)
}

func TestAddCompany(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)

	id, err := ported.AddCompany(t.Context(), hook, ported.CompanyForm{
		Preset: "1", Title: "Müller GmbH", INN: "7701", Phone: "+49 30 1", Address: map[string]string{"CITY": "Berlin", "POSTAL_CODE": "10785"},
	})

	require.NoError(t, err)
	assert.EqualValues(t, p.Rows("crm.company")[0]["ID"], id)
	assert.Equal(t, "Müller GmbH", p.Rows("crm.company")[0]["TITLE"])
	requisite := p.Rows("crm.requisite")[0]
	assert.Equal(t, [3]any{"4", id.String(), "7701"}, [3]any{requisite["ENTITY_TYPE_ID"], requisite["ENTITY_ID"], requisite["RQ_INN"]})
	address := p.Rows("crm.address")[0]
	assert.Equal(t, [4]any{"8", requisite["ID"], "1", "Berlin"}, [4]any{address["ENTITY_TYPE_ID"], address["ENTITY_ID"], address["TYPE_ID"], address["CITY"]})
	assert.Len(t, p.HTTPRequests(), 1)
}

func TestAddCompanyWithoutPreset(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)

	id, err := ported.AddCompany(t.Context(), hook, ported.CompanyForm{Preset: "99", Title: "Müller GmbH"})

	require.Error(t, err)
	assert.Empty(t, id)
	assert.Empty(t, p.Rows("crm.company"))
	_, err = ported.AddCompany(t.Context(), hook, ported.CompanyForm{Preset: "1"})
	require.Error(t, err)
	assert.Empty(t, p.Rows("crm.company"))
}

func TestAddCompanyHalfWay(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.Fault("crm.requisite.add", b24test.Refuse(&b24.Error{Description: "Access denied."}))

	id, err := ported.AddCompany(t.Context(), hook, ported.CompanyForm{Preset: "1", Title: "Müller GmbH"})

	require.ErrorContains(t, err, "Access denied.")
	require.ErrorIs(t, err, b24.ErrNotExecuted, "the address")
	assert.EqualValues(t, p.Rows("crm.company")[0]["ID"], id, "the company to go on with")
	assert.Empty(t, p.Rows("crm.address"))
}

func TestAddCompanyAfterLostAnswer(t *testing.T) {
	t.Parallel()
	p, hook := connect(t)
	p.Fault("batch", b24test.ResetAfter())

	_, err := ported.AddCompany(t.Context(), hook, ported.CompanyForm{Preset: "1", Title: "Müller GmbH"})

	assert.True(t, b24.MayHaveExecuted(err))
	assert.Len(t, p.Rows("crm.company"), 1, "it is not sent twice")
}
