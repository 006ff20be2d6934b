// The reader of wire structures: the first half of the input says which reads to make, the second half is read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/core/wire.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  const auto program = input.first(size / 2);
  phyllo::core::wire_reader reader(input.subspan(size / 2));
  for (const auto operation : program) {
    const auto before = reader.remaining();
    switch (static_cast<unsigned>(operation) % 7) {
      case 0: reader.u8(); break;
      case 1: reader.u16(); break;
      case 2: reader.u24(); break;
      case 3: reader.u32(); break;
      case 4: reader.u64(); break;
      case 5: reader.take(static_cast<unsigned>(operation)); break;
      default: reader.opaque(1 + static_cast<unsigned>(operation) % 4); break;
    }
    if (reader.remaining() > before) std::abort();
  }
  if (!reader.ok() && reader.u8() != 0) std::abort();
  return 0;
}
