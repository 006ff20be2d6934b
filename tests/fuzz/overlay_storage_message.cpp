// Bodies of Store, Fetch, Stat and Find and the extensions of storage: what decodes encodes to the very bytes.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "overlay/fetch_message.hpp"
#include "overlay/storage_extension.hpp"
#include "overlay/store_message.hpp"

namespace {

using phyllo::overlay::data_model;

constexpr std::array<phyllo::overlay::kind, 3> kinds{
    {{.id = 1, .model = data_model::single}, {.id = 2, .model = data_model::array}, {.id = 0xF0000001, .model = data_model::dictionary}}};

void same(const phyllo::core::bytes& encoded, phyllo::core::byte_view input) {
  if (encoded != phyllo::core::to_bytes(input)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo::overlay;
  const phyllo::core::byte_view input(data, size);
  if (const auto m = store_request::decode(input, kinds)) {
    if (m->unknown.empty()) same(m->encode(), input);
  }
  if (const auto m = store_answer::decode(input)) same(m->encode(), input);
  if (const auto m = fetch_request::decode(input, kinds)) {
    if (m->unknown.empty()) same(m->encode(kinds), input);
  }
  if (const auto m = fetch_answer::decode(input, kinds)) same(m->encode(), input);
  if (const auto m = stat_answer::decode(input, kinds)) same(m->encode(), input);
  if (const auto m = find_request::decode(input)) same(m->encode(), input);
  if (const auto m = find_answer::decode(input)) same(m->encode(), input);
  if (const auto s = replica_state::decode(input)) same(s->encode().content, input);
  for (const auto type :
       {extension_type::replica_view, extension_type::read_quorum, extension_type::store_condition, extension_type::replica_state})
    (void)decode({{.type = type, .critical = true, .content = phyllo::core::to_bytes(input)}});
  return 0;
}
