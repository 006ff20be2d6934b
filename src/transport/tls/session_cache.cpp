#include "tls/session_cache.hpp"

#include <algorithm>

namespace phyllo::transport {

void session_cache::keep(const identity::node_id& peer, bool datagrams, bssl::UniquePtr<SSL_SESSION> session) {
  auto& e = sessions_[{peer, datagrams}];
  e.session = std::move(session);
  e.number = ++number_;
  if (sessions_.size() > sessions_max)
    sessions_.erase(std::ranges::min_element(sessions_, {}, [](const auto& s) { return s.second.number; }));
}

bssl::UniquePtr<SSL_SESSION> session_cache::take(const identity::node_id& peer, bool datagrams) {
  const auto at = sessions_.find({peer, datagrams});
  if (at == sessions_.end()) return nullptr;
  auto out = bssl::UpRef(at->second.session);
  if (SSL_SESSION_should_be_single_use(out.get()) == 1) sessions_.erase(at);
  return out;
}

}  // namespace phyllo::transport
