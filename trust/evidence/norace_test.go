//go:build !race

package evidence

// everyByte is a step between the bytes that are changed.
const everyByte = 1
