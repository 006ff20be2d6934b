#include "phyllo/overlay/overlays.hpp"

namespace phyllo::overlay {

overlay* overlays::find(const std::string& overlay_id) const {
  if (overlay_id.empty()) return members_.size() == 1 ? members_.begin()->second : nullptr;
  const auto at = members_.find(overlay_id);
  return at == members_.end() ? nullptr : at->second;
}

core::awaitable<core::result<outcome>> overlays::unknown(std::string overlay_id) {
  co_return core::fail(errc::unknown_overlay, overlay_id.empty() ? "this process is not part of exactly one: name it" : overlay_id);
}

core::awaitable<core::result<outcome>> overlays::get(std::string overlay_id, name n, read_options o) {
  auto* one = find(overlay_id);
  return one != nullptr ? one->get(std::move(overlay_id), std::move(n), o) : unknown(std::move(overlay_id));
}

core::awaitable<core::result<outcome>> overlays::add(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                     write_options o) {
  auto* one = find(overlay_id);
  return one != nullptr ? one->add(std::move(overlay_id), std::move(n), std::move(r), lifetime, o) : unknown(std::move(overlay_id));
}

core::awaitable<core::result<outcome>> overlays::update(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                        write_options o) {
  auto* one = find(overlay_id);
  return one != nullptr ? one->update(std::move(overlay_id), std::move(n), std::move(r), lifetime, o) : unknown(std::move(overlay_id));
}

core::awaitable<core::result<outcome>> overlays::remove(std::string overlay_id, name n, write_options o) {
  auto* one = find(overlay_id);
  return one != nullptr ? one->remove(std::move(overlay_id), std::move(n), o) : unknown(std::move(overlay_id));
}

core::awaitable<core::result<outcome>> overlays::watch(std::string overlay_id, name n, watch_options o) {
  auto* one = find(overlay_id);
  return one != nullptr ? one->watch(std::move(overlay_id), std::move(n), o) : unknown(std::move(overlay_id));
}

}  // namespace phyllo::overlay
