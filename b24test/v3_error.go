package b24test

import (
	"strconv"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

func errorV3(suffix, text string) *b24.Error {
	return &b24.Error{Code: v3Code(suffix), Description: text}
}

func methodNotFoundV3(method string) *b24.Error {
	return errorV3("METHODNOTFOUNDEXCEPTION", "Method `"+method+"` not found")
}

func invalidFilter(what any) *b24.Error {
	text, ok := what.(string)
	if !ok {
		text = string(php.AppendJSON(nil, what))
	}
	return errorV3("INVALIDFILTEREXCEPTION", "Unable to recognize filter expression `"+text+"`")
}

func invalidOrder(what any) *b24.Error {
	return errorV3("INVALIDORDEREXCEPTION", "Unable to recognize order parameter `"+string(php.AppendJSON(nil, what))+"`")
}

func invalidPagination(name string, value any) *b24.Error {
	return errorV3("INVALIDPAGINATIONEXCEPTION", "Unable to recognize pagination parameter `"+string(php.AppendJSON(nil, php.Object(name, value)))+"`")
}

func invalidSelect(text string) *b24.Error {
	return errorV3("INVALIDSELECTEXCEPTION", "Unable to recognize select expression `"+text+"`")
}

// phpErrorV3 returns the error for a value of a type that the portal's code does not expect.
func phpErrorV3(text string) *b24.Error { return errorV3("INTERNAL_INTERNALEXCEPTION", text) }

// unknownProperty returns the error for a field that an entity does not have.
func unknownProperty(entity, field string) *b24.Error {
	return errorV3("UNKNOWNDTOPROPERTYEXCEPTION", "Unknown field `"+field+"` for entity `"+dtoName(entity)+"`")
}

// dtoName returns TaskDto for tasks.task.
func dtoName(entity string) string {
	name := entity[strings.LastIndexByte(entity, '.')+1:]
	if name == "" {
		return "Dto"
	}
	return strings.ToUpper(name[:1]) + name[1:] + "Dto"
}

// invalidRequest returns a validation error with a row for each field.
func invalidRequest(rows ...b24.FieldError) *b24.Error {
	e := errorV3("VALIDATION_REQUESTVALIDATIONEXCEPTION", "Error during request object validation")
	e.Validation = rows
	return e
}

func invalidFields(rows []b24.FieldError) *b24.Error {
	e := errorV3("VALIDATION_DTOVALIDATIONEXCEPTION", "Error during object validation")
	e.Validation = rows
	return e
}

func requiredField(name string) *b24.Error {
	return invalidRequest(b24.FieldError{Field: name, Message: "Required field `" + name + "` is not specified"})
}

func wrongType(field string, want TypeV3) *b24.Error {
	return invalidRequest(b24.FieldError{
		Field: field, Message: "Field `" + field + "` requires data type `" + string(want) + "` for this request",
	})
}

func entityNotFound(id string) *b24.Error {
	return errorV3("ENTITYNOTFOUNDEXCEPTION", "Record with ID = `"+id+"` not found")
}

// codeV3 returns a code as REST 3.0 writes it: that of a module may be a number.
func codeV3(code b24.Code) any {
	if n, ok := php.Index(string(code)); ok {
		return php.Number(n)
	}
	return string(code)
}

// statusV3 returns the status for a code of REST 3.0. The portal uses a numeric code as the status,
// whatever the number means.
func statusV3(code b24.Code) int {
	n, err := strconv.Atoi(string(code))
	switch {
	case err != nil:
		return usualStatus(code)
	case n >= 400 && n <= 599:
		return n
	default:
		return 200
	}
}
