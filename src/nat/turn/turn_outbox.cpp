#include "turn/turn_outbox.hpp"

#include <algorithm>
#include <span>

namespace phyllo::nat {

bool turn_outbox::put(transport::datagram_port& by, const core::endpoint& to, core::byte_view data) {
  if (count_ == datagrams_max || octets_max - used_ < data.size()) flush();
  const auto place = std::span(octets_).subspan(used_, data.size());
  std::ranges::copy(data, place.begin());
  ports_[count_] = &by;
  waiting_[count_] = {to, place};
  used_ += data.size();
  return count_++ == 0;
}

void turn_outbox::flush() {
  std::size_t at = 0;
  while (at < count_) {  // ends: each turn sends one at least
    auto end = at + 1;
    while (end < count_ && ports_[end] == ports_[at]) ++end;
    static_cast<void>(ports_[at]->send_batch(std::span(waiting_).subspan(at, end - at)));  // what is lost is counted by the port
    at = end;
  }
  count_ = used_ = 0;
}

}  // namespace phyllo::nat
