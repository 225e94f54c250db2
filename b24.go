// Package b24 is a client for the REST API of Bitrix24.
package b24

// Params holds the parameters of a call by name. Any value that encoding/json
// can marshal as an object may stand in its place.
type Params = map[string]any

// PageSize is the number of rows in a page of a classic list method
// (protocol.md 5.1).
const PageSize = 50
