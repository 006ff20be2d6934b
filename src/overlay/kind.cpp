#include "kind.hpp"

#include <algorithm>
#include <array>

namespace phyllo::overlay {
namespace {
constexpr std::array<kind, 1> table{resource_kind};
}

kind_table known_kinds() noexcept { return table; }

const kind* find_kind(kind_table kinds, kind_id id) noexcept {
  const auto at = std::ranges::find(kinds, id, &kind::id);
  return at == kinds.end() ? nullptr : &*at;
}

}  // namespace phyllo::overlay
