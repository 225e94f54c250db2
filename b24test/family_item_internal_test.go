package b24test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The pairs are those of the portal's own converter.
func TestNamesOfCustomFieldsGoThereAndBack(t *testing.T) {
	t.Parallel()
	for capitals, camel := range map[string]string{
		"TITLE":                   "title",
		"ASSIGNED_BY_ID":          "assignedById",
		"ADDRESS_2":               "address2",
		"PARENT_ID_130":           "parentId130",
		"UF_CRM_MY_TEXT":          "ufCrmMyText",
		"UF_CRM_1_X":              "ufCrm1X",
		"UF_CRM_5_1699":           "ufCrm5_1699",
		"UF_CRM_44_1721812935209": "ufCrm44_1721812935209",
		"UF_CRM_1720019876534":    "ufCrm_1720019876534",
		"UF_CRM_566EB0AC9B7FC":    "ufCrm_566EB0AC9B7FC",
		"UF_CRM_7_NEW_LIST_2026":  "ufCrm_7_NEW_LIST_2026",
		"UF_CRM_1":                "ufCrm_1",
		"UF_CRM1":                 "ufCrm1",
		"UF_LOGO":                 "ufLogo",
		"UF_LOGO_2":               "ufLOGO_2",
	} {
		assert.Equal(t, camel, itemCamel(capitals), capitals)
		assert.Equal(t, capitals, itemCapitals(camel), camel)
	}
}
