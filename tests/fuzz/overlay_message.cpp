// The forwarding header, the payload behind it, and every body of the Pastry plug-in: what was read, printed and read again is the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "overlay/pastry/topology_messages.hpp"
#include "overlay/reload/attach_message.hpp"
#include "overlay/reload/config_update_message.hpp"
#include "overlay/reload/diagnostic_messages.hpp"
#include "overlay/reload/forwarding_header.hpp"
#include "overlay/reload/message.hpp"

namespace {

using namespace phyllo::overlay;

template <class Body>
void body(phyllo::core::byte_view input) {
  const auto first = Body::decode(input);
  if (!first) return;
  const auto second = Body::decode(first->encode());
  if (!second || !(*second == *first)) std::abort();
}

void bodies(phyllo::core::byte_view input) {
  body<membership_request>(input);
  body<leave_request>(input);
  body<update_request>(input);
  body<route_query_request>(input);
  body<route_query_answer>(input);
  body<ping_answer>(input);
  body<probe_request>(input);
  body<probe_answer>(input);
  body<path_track_request>(input);
  body<path_track_answer>(input);
  body<attach_message>(input);
  body<app_attach_message>(input);
  body<config_update_request>(input);
  (void)decode_join_answer(input);
}

void payload(phyllo::core::byte_view input) {
  (void)peek_code(input);
  const auto opened = open_payload(input);
  if (!opened) return;
  bodies(opened->contents.body);
  (void)read_error(opened->contents);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  if (const auto parsed = parse_header(input)) {
    (void)has_duplicates(parsed->header.destinations);
    payload(parsed->payload);
  }
  payload(input);
  bodies(input);
  return 0;
}
