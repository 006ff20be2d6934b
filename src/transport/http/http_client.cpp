#include <array>

#include "http/http_reader.hpp"
#include "http/http_writer.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t answer_head_bytes_max = 64 * 1024;
constexpr std::size_t answer_body_bytes_max = 16 * 1024 * 1024;

// Reads one response, whose rest of `buffer` belongs to the next.
core::awaitable<core::result<http_response>> read_response(stream& s, core::bytes& buffer, bool to_head, core::time_point deadline) {
  http_reader r(HTTP_RESPONSE, answer_head_bytes_max, answer_body_bytes_max);
  if (to_head) r.expect_no_body();
  while (true) {  // ends with a response, a refusal, the peer's end, or at the deadline
    const auto n = r.feed(buffer);
    buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(n));
    if (r.complete()) co_return r.take_response();
    if (r.refused() == http_reader::refusal::malformed) co_return core::fail(errc::malformed, "the answer is not HTTP");
    if (r.refused() != http_reader::refusal::none) co_return core::fail(errc::too_large, "the answer");
    std::array<std::uint8_t, 16384> chunk;  // filled by read
    const auto got = co_await s.read(chunk, deadline);
    if (got) {
      core::append(buffer, core::byte_view(chunk).first(*got));
      continue;
    }
    if (!(got.error() == errc::closed)) co_return core::fail(got.error());
    r.finish();  // a body may last until the peer's end
    if (!r.complete()) co_return core::fail(errc::closed, "before the answer was complete");
  }
}

}  // namespace

core::awaitable<core::result<http_response>> request_http(stream& s, std::string host, http_request request, core::time_point deadline) {
  const auto text = print_request(request, host);
  const auto written = co_await s.write(core::as_bytes(text), deadline);
  if (!written) co_return core::fail(written.error());
  core::bytes buffer;
  while (true) {  // ends with the final answer or an error
    auto response = co_await read_response(s, buffer, request.method == "HEAD", deadline);
    if (response && response->status < 200) continue;
    s.close();
    co_return response;
  }
}

}  // namespace phyllo::transport
