// HTTP requests and answers from strangers, torn anywhere.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "transport/http/http_reader.hpp"

using namespace phyllo;

namespace {

void read(http_parser_type type, core::byte_view input, std::size_t step) {
  constexpr std::size_t header_max = 512;
  constexpr std::size_t body_max = 256;
  transport::http_reader r(type, header_max, body_max);
  std::size_t at = 0;
  while (at < input.size() && !r.complete() && r.refused() == transport::http_reader::refusal::none) {
    const auto n = r.feed(input.subspan(at, std::min(step, input.size() - at)));
    if (n == 0) break;
    at += n;
  }
  r.finish();
  if (!r.complete() || r.refused() != transport::http_reader::refusal::none) return;
  const auto body = type == HTTP_REQUEST ? r.take_request().body : r.take_response().body;
  if (body.size() > body_max) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const std::size_t step : {1UL, 13UL, 100000UL}) {
    read(HTTP_REQUEST, {data, size}, step);
    read(HTTP_RESPONSE, {data, size}, step);
  }
  static_cast<void>(transport::url::parse(core::as_text({data, size})));
  transport::http_request r;
  r.target = core::as_text({data, size});
  static_cast<void>(r.query("q"));
  return 0;
}
