//go:build race

package evidence

// everyByte is a step between the bytes that are changed: under the race detector, which makes each
// change seven times as dear, not all of them.
const everyByte = 7
