#include "sip_sockets.hpp"

#include <algorithm>

namespace phyllo::transport {

udp_socket* sip_sockets::default_of(const endpoint& to) const {
  const auto i = std::ranges::find_if(own_, [&](const auto* s) { return s->local().address.is_v6() == to.address.is_v6(); });
  return i == own_.end() ? nullptr : *i;
}

bool sip_sockets::heard(udp_socket& on, const endpoint& from, core::time_point now) {
  if (&on == default_of(from)) {
    if (!remembered_.empty()) remembered_.erase(from);
    return true;
  }
  if (remembered_.size() >= remembered_max && !remembered_.contains(from)) {
    std::erase_if(remembered_, [now](const auto& w) { return now - w.second.heard >= remembered_for; });
    if (remembered_.size() >= remembered_max) return false;
  }
  remembered_.insert_or_assign(from, way{&on, now});
  return true;
}

udp_socket* sip_sockets::towards(const endpoint& to) const {
  const auto i = remembered_.find(to);
  return i == remembered_.end() ? default_of(to) : i->second.by;
}

}  // namespace phyllo::transport
