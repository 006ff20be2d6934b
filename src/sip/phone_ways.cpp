#include "phone_ways.hpp"

#include <algorithm>

namespace phyllo::sip {

transport::datagram_port* phone_ways::default_of(const transport::endpoint& to) const {
  const auto i = std::ranges::find_if(own_, [&](const auto* s) { return s->local().address.is_v6() == to.address.is_v6(); });
  return i == own_.end() ? nullptr : *i;
}

void phone_ways::heard(transport::datagram_port& on, const transport::endpoint& from) {
  if (&on == default_of(from)) {
    known_.erase(from);
    strangers_.erase(from);
  } else if (auto* way = known_.use(from)) {
    *way = &on;
  } else {
    strangers_.try_emplace(from).first = &on;
  }
}

void phone_ways::keep(const transport::endpoint& phone) {
  const auto* way = strangers_.find(phone);
  if (way == nullptr) return;
  known_.try_emplace(phone).first = *way;
  strangers_.erase(phone);
}

transport::datagram_port* phone_ways::towards(const transport::endpoint& to) {
  if (auto* way = known_.use(to)) return *way;
  if (auto* way = strangers_.find(to)) return *way;
  return default_of(to);
}

}  // namespace phyllo::sip
