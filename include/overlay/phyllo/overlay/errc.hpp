// The errors of tier overlay, as users of the API see them.
#pragma once

#include <system_error>

#include "phyllo/core/errc.hpp"

namespace phyllo::overlay {

enum class errc {
  not_found = 1,    // no live record under that name
  already_exists,   // add: a live record is there
  data_too_old,     // a newer version is stored (Error_Data_Too_Old)
  forbidden,        // the access policy refuses (Error_Forbidden)
  quota_exceeded,   // too many or too large values (Error_Data_Too_Large, quotas)
  timed_out,        // no answer in time; a store may or may not have taken effect
  not_joined,       // this node is not part of the overlay (yet, or any more)
  unknown_overlay,  // no overlay of that id in this process
  unknown_kind,     // Error_Unknown_Kind
  invalid_message,  // Error_Invalid_Message, or an answer that does not parse
  unreachable,      // no next hop
  generation,       // Error_Generation_Counter_Too_Low
  configuration,    // Error_Config_Too_Old / _Too_New that did not resolve itself
  invalid_name,     // not [type:]user@domain
  invalid_record,   // not the record XML, or it disagrees with its name
  refused,          // any other RELOAD error; the detail names it
};

[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

}  // namespace phyllo::overlay

template <>
struct std::is_error_code_enum<phyllo::overlay::errc> : std::true_type {};
