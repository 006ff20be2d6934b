// Where a node keeps what it holds between two starts: a file of bytes that only grows, until another takes its place. The node
// tier supplies it, and works on it in a thread of its own: the overlay only awaits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::overlay {

// Calls are made one after the other, on the overlay's executor. A call whose wait is cancelled may still take effect, before any
// later one. Errors are the implementation's; their text names the file.
class record_file {
 public:
  virtual ~record_file() = default;

  // At most `bytes_max` from `offset` on; nothing at the end, or when there is no file.
  virtual core::awaitable<core::result<core::bytes>> read(std::uint64_t offset, std::size_t bytes_max) = 0;
  // At the end of the file, which is made if there is none; durable when it returns.
  virtual core::awaitable<core::status> append(core::bytes data) = 0;
  // To the file that will take the place of this one: `anew` begins it.
  virtual core::awaitable<core::status> append_to_next(core::bytes data, bool anew) = 0;
  // It takes its place, at once and wholly; durable when it returns.
  virtual core::awaitable<core::status> replace() = 0;
  // What can not be read is kept for whoever wants to look at it, and the file is gone.
  virtual core::awaitable<core::status> set_aside() = 0;
};

}  // namespace phyllo::overlay
