// Several overlays of one process behind one API: each call goes to the one that its id names.
#pragma once

#include <map>
#include <string>

#include "phyllo/overlay/overlay.hpp"

namespace phyllo::overlay {

// All of them, and every call, are on one executor.
class overlays final : public overlay {
 public:
  // `o` answers to `overlay_id`, its instance name, until it is removed; it outlives its place here and every call of it.
  // False: there is one of that name.
  bool add(const std::string& overlay_id, overlay& o) { return members_.try_emplace(overlay_id, &o).second; }
  void remove(const std::string& overlay_id) { members_.erase(overlay_id); }
  [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }

  // As in overlay.hpp. unknown_overlay: there is none of that id, or the id is empty and there is not exactly one.
  core::awaitable<core::result<outcome>> get(std::string overlay_id, name n, read_options o) override;
  core::awaitable<core::result<outcome>> add(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                             write_options o) override;
  core::awaitable<core::result<outcome>> update(std::string overlay_id, name n, record r, std::chrono::seconds lifetime,
                                                write_options o) override;
  core::awaitable<core::result<outcome>> remove(std::string overlay_id, name n, write_options o) override;
  core::awaitable<core::result<outcome>> watch(std::string overlay_id, name n, watch_options o) override;

 private:
  [[nodiscard]] overlay* find(const std::string& overlay_id) const;
  static core::awaitable<core::result<outcome>> unknown(std::string overlay_id);

  std::map<std::string, overlay*> members_;
};

}  // namespace phyllo::overlay
