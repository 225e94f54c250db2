package b24

// Code is an error code of the portal.
type Code string

// Error is a failure the portal answered with.
type Error struct {
	Code              Code
	Description       string
	Status            int
	Method, RequestID string
	Attempts          int
	Validation        []FieldError
}

// Error implements error.
func (e *Error) Error() string { return "b24: " + e.Method + ": " + string(e.Code) + ": " + e.Description }

// FieldError is what the portal found wrong with one field.
type FieldError struct{ Field, Message string }
