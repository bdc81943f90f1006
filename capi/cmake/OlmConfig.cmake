# Defines Olm::Olm, the shared library, and Olm::Static. The package may be moved as a whole.

# The real path: where /lib is a link to /usr/lib, the headers are beside the latter.
get_filename_component(_olm_libdir "${CMAKE_CURRENT_LIST_DIR}/../.." REALPATH)

# The headers lie in PREFIX/include; between PREFIX and the libraries there may be one folder or two.
set(_olm_include "")
foreach(_olm_up IN ITEMS ".." "../..")
	if(NOT _olm_include AND EXISTS "${_olm_libdir}/${_olm_up}/include/olm/olm.h")
		get_filename_component(_olm_include "${_olm_libdir}/${_olm_up}/include" ABSOLUTE)
	endif()
endforeach()

if(NOT _olm_include)
	set(Olm_FOUND FALSE)
	set(Olm_NOT_FOUND_MESSAGE "olm/olm.h is missing beside ${_olm_libdir}")
else()
	if(NOT TARGET Olm::Olm)
		add_library(Olm::Olm SHARED IMPORTED)
		set_target_properties(Olm::Olm PROPERTIES
			IMPORTED_LOCATION "${_olm_libdir}/libolm.so.3"
			IMPORTED_SONAME "libolm.so.3"
			INTERFACE_INCLUDE_DIRECTORIES "${_olm_include}")
	endif()
	if(NOT TARGET Olm::Static)
		add_library(Olm::Static STATIC IMPORTED)
		set_target_properties(Olm::Static PROPERTIES
			IMPORTED_LOCATION "${_olm_libdir}/libolm.a"
			INTERFACE_INCLUDE_DIRECTORIES "${_olm_include}"
			INTERFACE_COMPILE_DEFINITIONS OLM_STATIC_DEFINE)
	endif()
	set(Olm_LIBRARIES Olm::Olm)
endif()

unset(_olm_up)
unset(_olm_include)
unset(_olm_libdir)
