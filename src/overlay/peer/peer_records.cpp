#include "peer/peer_records.hpp"

#include <utility>

namespace phyllo::overlay {

core::status peer_records::known(const std::string& overlay_id) const {
  if (!overlay_id.empty() && overlay_id != trust_.overlay_name()) return core::fail(errc::unknown_overlay, overlay_id);
  if (layers_.ring().state() != peer_state::ready) return core::fail(errc::not_joined);
  return {};
}

core::awaitable<core::result<outcome>> peer_records::get(std::string overlay_id, name n, read_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await stored_.held().records().get(std::move(n), o);
}

core::awaitable<core::result<outcome>> peer_records::add(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                         write_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await stored_.held().records().add(std::move(n), std::move(r), lifetime, o);
}

core::awaitable<core::result<outcome>> peer_records::update(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                            write_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await stored_.held().records().update(std::move(n), std::move(r), lifetime, o);
}

core::awaitable<core::result<outcome>> peer_records::remove(std::string overlay_id, name n, write_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await stored_.held().records().remove(std::move(n), o);
}

core::awaitable<core::result<outcome>> peer_records::watch(std::string overlay_id, name n, watch_options o) {
  if (auto s = known(overlay_id); !s) co_return core::fail(s.error());
  co_return co_await stored_.held().records().watch(std::move(n), o);
}

}  // namespace phyllo::overlay
