// Heads of tunnels: what a server takes for our Upgrade, and what a client takes for an answer to it, or to CONNECT.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/http/http_tunnel.hpp"

using namespace phyllo;

namespace {

using parser = core::result<std::optional<std::size_t>> (*)(core::byte_view);

// What is undecided of a part may become anything; what is decided stays.
void read_answer(parser p, core::byte_view input) {
  const auto whole = p(input);
  if (whole && *whole && **whole > input.size()) std::abort();
  if (!whole || !*whole) return;
  const auto head = p(input.first(**whole));
  if (!head || *head != **whole) std::abort();
  const auto part = p(input.first(**whole - 1));
  if (!part || *part) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::byte_view input(data, size);
  const auto request = transport::read_upgrade_request(input);
  if (request.head_bytes > size) std::abort();
  if (request.what == transport::upgrade_request::undecided && size >= transport::tunnel_head_bytes_max) std::abort();
  if (request.what == transport::upgrade_request::wanted) {
    if (transport::read_upgrade_request(input.first(request.head_bytes - 1)).what != transport::upgrade_request::undecided) std::abort();
  }
  read_answer(transport::read_upgrade_answer, input);
  read_answer(transport::read_connect_answer, input);
  static_cast<void>(transport::http_proxy::parse(core::as_text(input)));
  return 0;
}
