#include "reload/received_request.hpp"

#include <utility>

namespace phyllo::overlay {

message_contents answer_to(const received_request& r, core::bytes body) {
  message_contents m;
  m.code = static_cast<std::uint16_t>(r.contents.code + 1);
  m.body = std::move(body);
  return m;
}

}  // namespace phyllo::overlay
