// StoredData of the data model that the first byte names: what decodes encodes to the very bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "overlay/kinds/stored_data.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto model = static_cast<phyllo::overlay::data_model>(data[0] % 3);
  const phyllo::core::byte_view input(data + 1, size - 1);
  phyllo::core::wire_reader r(input);
  const auto d = phyllo::overlay::stored_data::read(r, model);
  if (!r.done()) return 0;
  phyllo::core::bytes out;
  phyllo::core::wire_writer w(out);
  d.write(w);
  if (out != phyllo::core::to_bytes(input) || d.size() != out.size()) std::abort();
  (void)d.version();
  (void)phyllo::overlay::signature_input({}, 1, d);
  return 0;
}
