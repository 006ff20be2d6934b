// The file of kept records: whatever a disk gives back is read to its end without harm, whatever pieces it comes in.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "overlay/storage/record_log.hpp"

namespace {

using phyllo::overlay::log_reader;

std::size_t frames(phyllo::core::byte_view input, std::size_t piece) {
  log_reader log("example.org", phyllo::overlay::known_kinds());
  std::size_t read = 0;
  for (std::size_t at = 0; at < input.size(); at += piece) {
    log.add(input.subspan(at, std::min(piece, input.size() - at)));
    for (auto s = log.next(); s != log_reader::step::more; s = log.next()) {
      if (s == log_reader::step::foreign || s == log_reader::step::damaged) return read;
      ++read;
      if (s == log_reader::step::value) (void)log.value().data.version();
    }
  }
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  if (frames(input, 1 + size / 3) != frames(input, size + 1)) std::abort();
  return 0;
}
