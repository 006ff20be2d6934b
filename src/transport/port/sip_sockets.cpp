#include "port/sip_sockets.hpp"

#include <algorithm>

namespace phyllo::transport {

udp_socket* sip_sockets::default_of(const endpoint& to) const {
  const auto i = std::ranges::find_if(own_, [&](const auto* s) { return s->local().address.is_v6() == to.address.is_v6(); });
  return i == own_.end() ? nullptr : *i;
}

void sip_sockets::heard(udp_socket& on, const endpoint& from) {
  if (&on == default_of(from)) {
    known_.erase(from);
    strangers_.erase(from);
  } else if (auto* way = known_.use(from)) {
    *way = &on;
  } else {
    strangers_.try_emplace(from).first = &on;
  }
}

void sip_sockets::keep(const endpoint& phone) {
  const auto* way = strangers_.find(phone);
  if (way == nullptr) return;
  known_.try_emplace(phone).first = *way;
  strangers_.erase(phone);
}

udp_socket* sip_sockets::towards(const endpoint& to) {
  if (auto* way = known_.use(to)) return *way;
  if (auto* way = strangers_.find(to)) return *way;
  return default_of(to);
}

}  // namespace phyllo::transport
