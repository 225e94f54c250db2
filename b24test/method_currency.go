package b24test

import (
	"maps"
	"regexp"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

const currencyEntity = "crm.currency"

// currencyMethods returns the methods of currencies, whose ids are their codes.
func currencyMethods() map[string]procedure {
	return map[string]procedure{
		"crm.currency.get": getCurrency, "crm.currency.add": addCurrency, "crm.currency.update": updateCurrency, "crm.currency.delete": deleteCurrency,
		"crm.currency.base.get": baseCurrency, "crm.currency.base.set": setBaseCurrency,
		"crm.currency.fields": func(p *Portal, req Request) (any, error) { return fields(p.table(currencyEntity), req) },
	}
}

// currencyID returns the code that a request names.
func currencyID(req Request) (string, error) {
	v, ok := req.params.FirstSet("ID", "id")
	code, isText := v.(string)
	switch code = strings.ToUpper(strings.TrimSpace(code)); {
	case ok && !isText:
		return "", badRequest("", "The parameter id is not string.")
	case code == "":
		return "", badRequest("", "ID is not defined or invalid.")
	}
	return code, nil
}

// currency returns the row that a request names.
func (p *Portal) currency(req Request, refusal string) (*record, error) {
	code, err := currencyID(req)
	if err != nil {
		return nil, err
	}
	s := p.table(currencyEntity)
	i, ok := s.find(code)
	if !ok {
		return nil, badRequest("", refusal)
	}
	return s.rows().at(i), nil
}

func getCurrency(p *Portal, req Request) (any, error) {
	r, err := p.currency(req, "Not found")
	if err != nil {
		return nil, err
	}
	row := newTeller(p.table(currencyEntity), nil, req).row(r)
	if _, ok := row.Get("LANG"); !ok {
		row.Set("LANG", php.NewArray())
	}
	return row, nil
}

// addCurrency answers crm.currency.add with the code. The texts of its errors are not a portal's,
// which are in its language.
func addCurrency(p *Portal, req Request) (any, error) {
	s := p.table(currencyEntity)
	given, err := s.fieldsArg(req)
	if err != nil {
		return nil, err
	}
	code := strings.ToUpper(given.Text("CURRENCY"))
	if !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(code) {
		return nil, badRequest("", "The currency code must be three letters.")
	}
	if _, ok := s.find(code); ok {
		return nil, badRequest("", "The currency "+code+" already exists.")
	}
	row := map[string]any{"AMOUNT_CNT": "1", "AMOUNT": "1", "SORT": "100", "BASE": "N"}
	saveCurrency(s, row, req, given, true)
	row["CURRENCY"] = code
	s.insert(row)
	return code, nil
}

func updateCurrency(p *Portal, req Request) (any, error) {
	r, err := p.currency(req, "Currency is not found")
	if err != nil {
		return nil, err
	}
	s := p.table(currencyEntity)
	given, err := s.fieldsArg(req)
	if err != nil {
		return nil, err
	}
	row := maps.Clone(r.fields)
	saveCurrency(s, row, req, given, false)
	s.insert(row)
	return true, nil
}

// saveCurrency sets the given fields. The name and the like of a row are those in the portal's
// language.
func saveCurrency(s *store, row map[string]any, req Request, given *php.Array, add bool) {
	old, _ := row["LANG"].(*php.Array)
	s.write(row, req, given, add)
	const places = 4 // of the column
	if f, err := strconv.ParseFloat(php.FloatString(row["AMOUNT"]), 64); err == nil {
		row["AMOUNT"] = strconv.FormatFloat(f, 'f', places, 64)
	}
	s.stamp(row, "DATE_UPDATE")
	texts, ok := row["LANG"].(*php.Array)
	if !ok {
		return
	}
	all := php.Object()
	for language, v := range old.All() {
		all.Set(language, v)
	}
	for language := range texts.All() {
		one := php.Object()
		for _, from := range []*php.Array{old.Inner(language), texts.Inner(language)} {
			for name, v := range from.All() {
				one.Set(name, v)
			}
		}
		all.Set(language, one)
	}
	row["LANG"] = all
	if own := all.Inner(settingsLanguage); own != nil {
		row["LID"] = settingsLanguage
		for name := range strings.FieldsSeq("FORMAT_STRING FULL_NAME DEC_POINT THOUSANDS_SEP DECIMALS") {
			row[name], _ = own.Get(name)
		}
	}
}

func deleteCurrency(p *Portal, req Request) (any, error) {
	r, err := p.currency(req, "Currency is not found")
	if err != nil {
		return nil, err
	}
	if r.id == p.base() {
		return nil, badRequest("", "Cannot delete base currency.")
	}
	p.table(currencyEntity).drop(r.id)
	return true, nil
}

// base returns the code of the base currency; "" if no currency is it.
func (p *Portal) base() string {
	for r := range each(p.table(currencyEntity).rows()) {
		if r.fields["BASE"] == "Y" {
			return r.id
		}
	}
	return ""
}

func baseCurrency(p *Portal, _ Request) (any, error) { return p.base(), nil }

// setBaseCurrency answers crm.currency.base.set.
func setBaseCurrency(p *Portal, req Request) (any, error) {
	r, err := p.currency(req, "Currency is not found")
	if err != nil {
		return nil, err
	}
	s := p.table(currencyEntity)
	if old := p.base(); old != "" {
		i, _ := s.find(old)
		s.set(s.rows().at(i), map[string]any{"BASE": "N"})
	}
	s.set(r, map[string]any{"BASE": "Y"})
	return true, nil
}
