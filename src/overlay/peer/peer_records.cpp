#include "peer/peer_records.hpp"

#include <utility>

namespace phyllo::overlay {

core::status peer_records::known(const std::string& overlay_id) const {
  if (!overlay_id.empty() && overlay_id != trust_.overlay_name()) return core::fail(errc::unknown_overlay, overlay_id);
  return {};
}

core::awaitable<core::result<outcome>> peer_records::get(std::string overlay_id, name n, read_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await records_.get(std::move(n), o);
}

core::awaitable<core::result<outcome>> peer_records::add(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                         write_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await records_.add(std::move(n), std::move(r), lifetime, o);
}

core::awaitable<core::result<outcome>> peer_records::update(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                            write_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await records_.update(std::move(n), std::move(r), lifetime, o);
}

core::awaitable<core::result<outcome>> peer_records::remove(std::string overlay_id, name n, write_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await records_.remove(std::move(n), o);
}

core::awaitable<core::result<outcome>> peer_records::watch(std::string overlay_id, name n, watch_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await records_.watch(std::move(n), o);
}

}  // namespace phyllo::overlay
